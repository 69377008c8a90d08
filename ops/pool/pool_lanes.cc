#include <algorithm>
#include <cstdint>
#include <vector>

#include "lenslet/ops/pool/kernels.h"
#include "lenslet/ops/pool/pool_lanes_row.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class PoolLanesKernel : public Kernel {
 public:
  explicit PoolLanesKernel(const PoolGeometry& geometry)
      : g_(geometry),
        position_(geometry.channels * kLanes),
        taps_(Volume(MostTaps(geometry))) {
    const Axes most = MostTaps(geometry);
    rows_.reserve(most[0] * most[1]);
  }

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    ForEachRow(images, OutputData(),
               [](const PoolRow& row) { PoolRowForward(row); });
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    if (WindowsOverlap() || !WindowsCover()) {
      std::fill_n(dx, LaneGroups(images) * Volume(g_.input) * position_, 0.0f);
    }
    ForEachRow(images, OutputData(),
               [](const PoolRow& row) { PoolRowBackward(row); });
  }

 private:
  bool WindowsOverlap() const {
    if (g_.adaptive) return true;
    for (int axis = 0; axis < 3; ++axis) {
      if (g_.window.stride[axis] < Extent(g_.window, axis)) return true;
    }
    return false;
  }

  // Whether windows that do not overlap meet all of the input.
  bool WindowsCover() const {
    for (int axis = 0; axis < 3; ++axis) {
      const Window& w = g_.window;
      const int64_t end = (g_.output[axis] - 1) * w.stride[axis] +
                          Extent(w, axis) - w.padding.before[axis];
      if (w.stride[axis] != w.kernel[axis] || w.dilation[axis] != 1 ||
          end < g_.input[axis]) {
        return false;
      }
    }
    return true;
  }

  // Calls body for each row of outputs, of which the first is at y.
  template <typename Body>
  void ForEachRow(int64_t images, float* y, Body body) {
    const bool has_gradient = buffers().output_gradient != nullptr;
    const bool add = WindowsOverlap();
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      const int64_t group_input = group * Volume(g_.input) * position_;
      for (int64_t d = 0; d < g_.output[0]; ++d) {
        for (int64_t h = 0; h < g_.output[1]; ++h) {
          const int64_t divisor = ListRows(g_, d, h, position_, rows_);
          const int64_t offset = y - OutputData();
          body({.geometry = &g_,
                .rows = &rows_,
                .divisor = divisor,
                .x = InputData(0) + group_input,
                .y = y,
                .dy =
                    has_gradient ? buffers().output_gradient + offset : nullptr,
                .dx = has_gradient && buffers().input_gradients[0] != nullptr
                          ? buffers().input_gradients[0] + group_input
                          : nullptr,
                .add = add,
                .taps = &taps_});
          y += g_.output[2] * position_;
        }
      }
    }
  }

  const PoolGeometry g_;
  const int64_t position_;  // Floats of a position.
  std::vector<int64_t> rows_;
  std::vector<int64_t> taps_;
};

}  // namespace

std::unique_ptr<Kernel> MakePoolLanesKernel(const PoolGeometry& geometry) {
  return std::make_unique<PoolLanesKernel>(geometry);
}

}  // namespace lenslet
