#include "lenslet/ops/pad/pad_plain.h"

#include <cstdint>

#include "lenslet/ops/direct/inference_kernel.h"
#include "lenslet/ops/pad/pad_copy.h"

namespace lenslet {
namespace {

class PadPlainKernel : public Kernel {
 public:
  PadPlainKernel(const PadGeometry& geometry, Layout layout)
      : layout_(layout),
        copy_(geometry, layout == Layout::kLanes ? geometry.channels * kLanes
                                                 : geometry.channels) {}

  Layout layout() const override { return layout_; }

  void Forward(int64_t images) override {
    copy_.Forward(Count(images), buffers().inputs[0], buffers().output);
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    copy_.Backward(Count(images), buffers().output_gradient, dx);
  }

 private:
  // Images, or groups of them.
  int64_t Count(int64_t images) const {
    return layout_ == Layout::kLanes ? LaneGroups(images) : images;
  }

  const Layout layout_;
  const PadCopy copy_;
};

class PadInferenceKernel : public InferenceKernel {
 public:
  explicit PadInferenceKernel(const PadGeometry& geometry)
      : copy_(geometry, geometry.channels) {}

  void Forward(int64_t images) override {
    copy_.Forward(images, buffers().inputs[0], buffers().output);
  }

 private:
  const PadCopy copy_;
};

}  // namespace

std::unique_ptr<Kernel> MakePadPlainKernel(const PadGeometry& geometry,
                                           Layout layout) {
  return std::make_unique<PadPlainKernel>(geometry, layout);
}

std::unique_ptr<Kernel> MakePadInferenceKernel(const PadGeometry& geometry) {
  return std::make_unique<PadInferenceKernel>(geometry);
}

}  // namespace lenslet
