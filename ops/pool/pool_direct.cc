#include <algorithm>
#include <cstdint>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/pool/kernels.h"
#include "lenslet/ops/pool/pool_direct_sliding.h"
#include "lenslet/ops/pool/pool_direct_windows.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class PoolDirectKernel : public InferenceKernel {
 public:
  explicit PoolDirectKernel(const PoolGeometry& geometry)
      : g_(geometry), rows_are_alike_(WindowsAreWhole(geometry)) {
    const Axes most = MostTaps(geometry);
    rows_.reserve(most[0] * most[1]);
    taps_.reserve(Volume(most));
  }

  void Forward(int64_t images) override {
    const int64_t x_image = Volume(g_.input) * g_.channels;
    float* y = OutputData();
    float* const y_end = y + images * Volume(g_.output) * g_.channels;
    for (int64_t n = 0; n < images; ++n) {
      const float* x = InputData(0) + n * x_image;
      for (int64_t d = 0; d < g_.output[0]; ++d) {
        const int64_t rows = rows_are_alike_ ? g_.output[1] : 1;
        for (int64_t h = 0; h < g_.output[1]; h += rows) {
          const int64_t divisor = ListRows(g_, d, h, g_.channels, rows_);
          y = PoolRows(rows, divisor, x, y, y_end);
        }
      }
    }
  }

 private:
  // How many windows from output o on lie side by side with all of their taps
  // on the input; 1 if that one does not.
  int64_t WindowsAlike(int64_t o) const {
    const Window& w = g_.window;
    const int64_t start = o * w.stride[2] - w.padding.before[2];
    const int64_t way = g_.input[2] - Extent(w, 2) - start;
    if (g_.adaptive || start < 0 || way < 0) return 1;
    return std::min(g_.output[2] - o, way / w.stride[2] + 1);
  }

  // Returns the end of the last row.
  float* PoolRows(int64_t rows, int64_t divisor, const float* x, float* y,
                  float* y_end) {
    const Window& w = g_.window;
    int64_t o = 0;
    while (o < g_.output[2]) {
      const PoolTaps along = TapsAt(g_, 2, o);
      const int64_t windows = WindowsAlike(o);
      taps_.clear();
      for (const int64_t row : rows_) {
        for (int64_t kw = 0; kw < along.count; ++kw) {
          taps_.push_back(row +
                          (along.first + kw * along.dilation) * g_.channels);
        }
      }
      const float factor =
          g_.kind == PoolKind::kSoftmax
              ? InverseTemperature(g_)
              : 1.0f / static_cast<float>(divisor * along.divisor);
      ComputePoolWindows(
          {.kind = g_.kind,
           .taps = taps_,
           .factor = factor,
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
  const bool rows_are_alike_;
  std::vector<int64_t> rows_;
  std::vector<int64_t> taps_;
};

// Whether windows overlap so much that the largest or smallest number of each
// column serves several of them.
bool Slides(const PoolGeometry& g) {
  return (g.kind == PoolKind::kMax || g.kind == PoolKind::kMin) &&
         !g.adaptive && g.window.stride[2] == 1 && g.window.kernel[2] > 1 &&
         g.output[2] > 1;
}

class PoolDirectSlidingKernel : public InferenceKernel {
 public:
  explicit PoolDirectSlidingKernel(const PoolGeometry& geometry)
      : g_(geometry) {
    const Axes most = MostTaps(geometry);
    rows_.reserve(most[0] * most[1]);
  }

  void Forward(int64_t images) override {
    SlidingPoolRow row = Row();
    row.m = columns_.data();
    row.x = InputData(0);
    row.y = OutputData();
    for (int64_t n = 0; n < images; ++n) {
      for (int64_t d = 0; d < g_.output[0]; ++d) {
        for (int64_t h = 0; h < g_.output[1]; ++h) {
          ListRows(g_, d, h, g_.channels, rows_);
          row.rows = rows_;
          ComputeSlidingPool(row);
          row.y += row.y_size;
        }
      }
      row.x += Volume(g_.input) * g_.channels;
    }
  }

 private:
  absl::Status Allocate() override {
    SlidingPoolRow row = Row();
    LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                             Shape::Create({SlidingPoolScratch(row)}));
    LENSLET_ASSIGN_OR_RETURN(columns_,
                             Tensor::Create(ElementType::kFloat32, shape));
    row.m = columns_.data();
    PrepareSlidingPool(row);
    return absl::OkStatus();
  }

  // What all rows share.
  SlidingPoolRow Row() const {
    const Window& w = g_.window;
    return {.minimum = g_.kind == PoolKind::kMin,
            .rows = {},
            .taps = w.kernel[2],
            .step = w.dilation[2] * g_.channels,
            .x_size = g_.input[2] * g_.channels,
            .before = w.padding.before[2] * g_.channels,
            .y_size = g_.output[2] * g_.channels};
  }

  const PoolGeometry g_;
  std::vector<int64_t> rows_;
  Tensor columns_;
};

}  // namespace

std::unique_ptr<Kernel> MakePoolDirectKernel(const PoolGeometry& geometry) {
  if (Slides(geometry)) {
    return std::make_unique<PoolDirectSlidingKernel>(geometry);
  }
  return std::make_unique<PoolDirectKernel>(geometry);
}

}  // namespace lenslet
