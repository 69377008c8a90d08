#include "ops/pool/pool_direct.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ops/direct/inference_kernel.h"
#include "ops/pool/pool_direct_windows.h"

namespace lenslet {
namespace {

int64_t Volume(const Axes& size) { return size[0] * size[1] * size[2]; }

// Taps [begin, end) of a window along an axis.
struct TapRange {
  int64_t begin;
  int64_t end;
  int64_t size() const { return end - begin; }
};

class PoolDirectKernel : public InferenceKernel {
 public:
  explicit PoolDirectKernel(const PoolGeometry& geometry)
      : g_(geometry), kernel_volume_(Volume(geometry.window.kernel)) {
    rows_.reserve(g_.window.kernel[0] * g_.window.kernel[1]);
    taps_.reserve(kernel_volume_);
  }

  void Forward(int64_t images) override {
    const int64_t x_image = Volume(g_.input) * g_.channels;
    float* y = buffers().output;
    float* const y_end = y + images * Volume(g_.output) * g_.channels;
    for (int64_t n = 0; n < images; ++n) {
      const float* x = buffers().inputs[0] + n * x_image;
      for (int64_t d = 0; d < g_.output[0]; ++d) {
        // Without padding, all rows are alike.
        const int64_t rows = HasPadding() ? 1 : g_.output[1];
        for (int64_t h = 0; h < g_.output[1]; h += rows) {
          ListRows(d, h);
          y = PoolRows(rows, x, y, y_end);
        }
      }
    }
  }

 private:
  bool HasPadding() const {
    const Padding& padding = g_.window.padding;
    for (int axis = 0; axis < 3; ++axis) {
      if (padding.before[axis] != 0 || padding.after[axis] != 0) return true;
    }
    return false;
  }

  // The taps that are not on padding.
  TapRange Inside(int axis, int64_t o) const {
    const Window& w = g_.window;
    const int64_t start = o * w.stride[axis] - w.padding.before[axis];
    const int64_t dilation = w.dilation[axis];
    const int64_t begin = start < 0 ? (-start + dilation - 1) / dilation : 0;
    const int64_t last = g_.input[axis] - 1 - start;
    return {begin, std::min(w.kernel[axis], last / dilation + 1)};
  }

  // Where the rows under the windows of row (d, h) start, in floats.
  void ListRows(int64_t d, int64_t h) {
    const Window& w = g_.window;
    const TapRange depth = Inside(0, d);
    const TapRange height = Inside(1, h);
    rows_.clear();
    for (int64_t kd = depth.begin; kd < depth.end; ++kd) {
      const int64_t id =
          d * w.stride[0] - w.padding.before[0] + kd * w.dilation[0];
      for (int64_t kh = height.begin; kh < height.end; ++kh) {
        const int64_t ih =
            h * w.stride[1] - w.padding.before[1] + kh * w.dilation[1];
        rows_.push_back((id * g_.input[1] + ih) * g_.input[2] * g_.channels);
      }
    }
  }

  // Returns the end of the last row. More than one must have no padding.
  float* PoolRows(int64_t rows, const float* x, float* y, float* y_end) {
    const Window& w = g_.window;
    int64_t o = 0;
    while (o < g_.output[2]) {
      const TapRange taps = Inside(2, o);
      int64_t windows = 1;
      if (taps.size() == w.kernel[2]) {
        // As many as have all of their taps.
        const int64_t last_start =
            g_.input[2] - Extent(w, 2) + w.padding.before[2];
        windows = std::min(g_.output[2] - 1, last_start / w.stride[2]) - o + 1;
      }
      taps_.clear();
      for (const int64_t row : rows_) {
        for (int64_t kw = taps.begin; kw < taps.end; ++kw) {
          taps_.push_back(row + (o * w.stride[2] - w.padding.before[2] +
                                 kw * w.dilation[2]) *
                                    g_.channels);
        }
      }
      const int64_t count = g_.count_padding
                                ? kernel_volume_
                                : static_cast<int64_t>(taps_.size());
      ComputePoolWindows(
          {.kind = g_.kind,
           .taps = taps_,
           .factor = 1.0f / static_cast<float>(count),
           .rows = rows,
           .windows = windows,
           .channels = g_.channels,
           .x = x,
           .x_stride = w.stride[2] * g_.channels,
           .x_row_stride = w.stride[1] * g_.input[2] * g_.channels,
           .y = y,
           .y_end = y_end});
      y += rows * windows * g_.channels;
      o += windows;
    }
    return y;
  }

  const PoolGeometry g_;
  const int64_t kernel_volume_;
  std::vector<int64_t> rows_;
  std::vector<int64_t> taps_;
};

}  // namespace

std::unique_ptr<Kernel> MakePoolDirectKernel(const PoolGeometry& geometry) {
  return std::make_unique<PoolDirectKernel>(geometry);
}

}  // namespace lenslet
