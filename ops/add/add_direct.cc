#include "lenslet/ops/add/add_direct.h"

#include "lenslet/ops/add/add_arrays.h"
#include "lenslet/ops/direct/inference_kernel.h"

namespace lenslet {
namespace {

class AddDirectKernel : public InferenceKernel {
 public:
  explicit AddDirectKernel(int64_t elements) : elements_(elements) {}

  void Forward(int64_t images) override {
    AddArrays(buffers().inputs, images * elements_, buffers().output);
  }

 private:
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddDirectKernel(int64_t elements) {
  return std::make_unique<AddDirectKernel>(elements);
}

}  // namespace lenslet
