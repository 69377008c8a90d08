#include "layers/testing/add_layer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace lenslet {
namespace {

class AddReferenceKernel : public Kernel {
 public:
  explicit AddReferenceKernel(int64_t elements) : elements_(elements) {}

  void Forward(int64_t images) override {
    for (int64_t i = 0; i < images * elements_; ++i) {
      buffers().output[i] = buffers().inputs[0][i] + buffers().inputs[1][i];
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (float* dx : buffers().input_gradients) {
      if (dx == nullptr) continue;
      std::copy_n(buffers().output_gradient, images * elements_, dx);
    }
  }

 private:
  const int64_t elements_;
};

}  // namespace

absl::StatusOr<LayerInfo> AddLayer::Infer(
    absl::Span<const Shape> inputs) const {
  if (inputs.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", inputs.size(), " inputs, expected 2"));
  }
  if (inputs[0] != inputs[1]) {
    return absl::InvalidArgumentError(
        absl::StrCat("adds shapes ", inputs[0].ToString(), " and ",
                     inputs[1].ToString(), ", expected the same"));
  }
  return LayerInfo{.output = inputs[0], .reach = Reach::kPosition};
}

absl::StatusOr<std::unique_ptr<Kernel>> AddLayer::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t) const {
  LENSLET_RETURN_IF_ERROR(Infer(inputs).status());
  if (backend != Backend::kReference) {
    return absl::UnimplementedError("addition is for the reference backend");
  }
  return std::make_unique<AddReferenceKernel>(inputs[0].elements());
}

}  // namespace lenslet
