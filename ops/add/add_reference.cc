#include "lenslet/ops/add/add_reference.h"

namespace lenslet {
namespace {

class AddReferenceKernel : public Kernel {
 public:
  explicit AddReferenceKernel(int64_t elements) : elements_(elements) {}

  void Forward(int64_t images) override {
    for (int64_t i = 0; i < images * elements_; ++i) {
      double sum = 0;
      for (const float* x : buffers().inputs) sum += x[i];
      buffers().output[i] = static_cast<float>(sum);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (float* dx : buffers().input_gradients) {
      if (dx == nullptr) continue;
      for (int64_t i = 0; i < images * elements_; ++i) {
        dx[i] = buffers().output_gradient[i];
      }
    }
  }

 private:
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddReferenceKernel(int64_t elements) {
  return std::make_unique<AddReferenceKernel>(elements);
}

}  // namespace lenslet
