#include "lenslet/ops/activation/activation_lanes.h"

#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class ActivationLanesKernel : public Kernel {
 public:
  ActivationLanesKernel(const ActivationSpec& spec, int64_t elements)
      : spec_(spec), elements_(elements) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    Activate(spec_, Size(images), buffers().inputs[0], buffers().output);
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    const float* kept =
        GradientFromOutput(spec_.kind) ? buffers().output : buffers().inputs[0];
    ActivationGradient(spec_, Size(images), kept, buffers().output_gradient,
                       dx);
  }

 private:
  int64_t Size(int64_t images) const {
    return RoomForImages(layout(), images) * elements_;
  }

  const ActivationSpec spec_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationLanesKernel(const ActivationSpec& spec,
                                                  int64_t elements) {
  return std::make_unique<ActivationLanesKernel>(spec, elements);
}

}  // namespace lenslet
