#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/pool/kernels.h"
#include "lenslet/ops/pool/pool_gradient.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/ops/xnnpack_limits.h"

namespace lenslet {
namespace {

// Whether one window covers the input, and nothing besides.
bool IsGlobalAverage(const PoolGeometry& g) {
  if (g.kind != PoolKind::kAverage || !WindowsAreWhole(g)) return false;
  for (int axis = 0; axis < 3; ++axis) {
    if (g.window.kernel[axis] != g.input[axis] || g.output[axis] != 1) {
      return false;
    }
  }
  return true;
}

class PoolXnnpackKernel : public Kernel {
 public:
  PoolXnnpackKernel(const PoolGeometry& geometry, int64_t images,
                    XnnOperator op)
      : g_(geometry), block_(images), op_(std::move(op)) {}

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    return XnnStatus("pooling", SetUp(block_));
  }

  void Forward(int64_t images) override {
    if (images != images_) CheckXnn(SetUp(images));
    RunXnn(op_);
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    WritePoolGradient(g_, images, InputData(0), OutputData(),
                      buffers().output_gradient, dx);
  }

 private:
  xnn_status SetUp(int64_t images) {
    images_ = images;
    const float* x = InputData(0);
    float* y = OutputData();
    if (IsGlobalAverage(g_)) {
      return SetUpXnnGlobalAveragePool(op_, images, Volume(g_.input),
                                       g_.channels, x, y);
    }
    const auto set_up =
        g_.kind == PoolKind::kMax ? &SetUpXnnMaxPool : &SetUpXnnAveragePool;
    return set_up(op_, images, g_.input[1], g_.input[2], g_.channels, x, y);
  }

  const PoolGeometry g_;
  const int64_t block_;
  XnnOperator op_;
  int64_t images_ = 0;  // What the operator is set up for.
};

// XNNPACK's padding behind the input: as much as the last window needs, which
// gives as many windows as there are, rounded up or down.
int64_t PaddingAfter(const PoolGeometry& g, int axis) {
  const Window& w = g.window;
  const int64_t end = (g.output[axis] - 1) * w.stride[axis] + Extent(w, axis);
  return std::max<int64_t>(end - w.padding.before[axis] - g.input[axis], 0);
}

absl::Status CheckSupport(const PoolGeometry& g) {
  const Window& w = g.window;
  const Axes none = {0, 0, 0};
  if (g.kind == PoolKind::kMin || g.kind == PoolKind::kSoftmax) {
    return absl::UnimplementedError(
        "XNNPACK has only maximum and average pooling");
  }
  if (g.adaptive) {
    return absl::UnimplementedError(
        "XNNPACK has no pooling over windows of different sizes");
  }
  if (g.kind == PoolKind::kAverage) {
    LENSLET_RETURN_IF_ERROR(CheckXnnAverage(g.channels));
  }
  if (IsGlobalAverage(g)) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(CheckXnnWindow("pooling", w, g.input, g.output));
  if (w.kernel[1] * w.kernel[2] == 1) {
    return absl::UnimplementedError("XNNPACK has no pooling of one tap");
  }
  const bool dilated = w.dilation != Axes{1, 1, 1};
  if (g.kind == PoolKind::kAverage && dilated) {
    return absl::UnimplementedError("XNNPACK has no dilated average pooling");
  }
  // XNNPACK takes the nearest pixel for one on padding, and a dilated window
  // need not have a tap there.
  if (g.kind == PoolKind::kMax && dilated && !WindowsAreWhole(g)) {
    return absl::UnimplementedError(
        "XNNPACK has no dilated maximum pooling over padding");
  }
  if (g.kind == PoolKind::kAverage && g.count_padding &&
      (w.padding.before != none || w.padding.after != none)) {
    return absl::UnimplementedError(
        "XNNPACK has no average pooling that counts padding");
  }
  return absl::OkStatus();
}

xnn_status Create(const PoolGeometry& g, xnn_operator_t* created) {
  const Window& w = g.window;
  if (IsGlobalAverage(g)) {
    return xnn_create_global_average_pooling_nwc_f32(
        g.channels, g.channels, g.channels, kXnnNoMin, kXnnNoMax, /*flags=*/0,
        created);
  }
  if (g.kind == PoolKind::kMax) {
    return xnn_create_max_pooling2d_nhwc_f32(
        w.padding.before[1], PaddingAfter(g, 2), PaddingAfter(g, 1),
        w.padding.before[2], w.kernel[1], w.kernel[2], w.stride[1], w.stride[2],
        w.dilation[1], w.dilation[2], g.channels, g.channels, g.channels,
        kXnnNoMin, kXnnNoMax, /*flags=*/0, created);
  }
  return xnn_create_average_pooling2d_nhwc_f32(
      w.padding.before[1], PaddingAfter(g, 2), PaddingAfter(g, 1),
      w.padding.before[2], w.kernel[1], w.kernel[2], w.stride[1], w.stride[2],
      g.channels, g.channels, g.channels, kXnnNoMin, kXnnNoMax, /*flags=*/0,
      created);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakePoolXnnpackKernel(
    const PoolGeometry& g, int64_t images) {
  LENSLET_RETURN_IF_ERROR(CheckSupport(g));
  if (!IsGlobalAverage(g)) {
    LENSLET_RETURN_IF_ERROR(CheckXnnPool(g.window, g.output));
  }
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "pooling", [&](xnn_operator_t* created) { return Create(g, created); },
      op));
  return std::make_unique<PoolXnnpackKernel>(g, images, std::move(op));
}

}  // namespace lenslet
