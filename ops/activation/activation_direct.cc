#include "lenslet/ops/activation/activation_direct.h"

#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/direct/inference_kernel.h"

namespace lenslet {
namespace {

class ActivationDirectKernel : public InferenceKernel {
 public:
  ActivationDirectKernel(const ActivationSpec& spec, int64_t elements)
      : spec_(spec), elements_(elements) {}

  void Forward(int64_t images) override {
    Activate(spec_, images * elements_, buffers().inputs[0], buffers().output);
  }

 private:
  const ActivationSpec spec_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationDirectKernel(const ActivationSpec& spec,
                                                   int64_t elements) {
  return std::make_unique<ActivationDirectKernel>(spec, elements);
}

}  // namespace lenslet
