#include <algorithm>
#include <cstdint>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/interleave.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

absl::StatusOr<Tensor> MakeTensor(std::initializer_list<int64_t> dims) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create(dims));
  return Tensor::Create(ElementType::kFloat32, shape);
}

class ConvDirectPixelsKernel : public InferenceKernel {
 public:
  ConvDirectPixelsKernel(const ConvGeometry& geometry,
                         std::optional<ActivationSpec> activation)
      : g_(geometry),
        activation_(activation),
        padded_(PaddedInput(geometry)),
        plane_rows_((padded_[1] - 1) / g_.window.stride[1] + 1),
        plane_row_((padded_[2] - 1) / g_.window.stride[2] + 1),
        plane_(plane_rows_ * plane_row_),
        rows_at_once_(RowsAtOnce()),
        tile_(ChooseWeightedSumsTile(g_.output_channels,
                                     VectorsOf(rows_at_once_))) {}

  absl::Status ParametersChanged() override {
    // Steps in the order of the runs, output channels innermost.
    const int64_t taps = Volume(g_.window.kernel);
    const int64_t row = g_.window.kernel[2];
    const float* filter = ParameterData(0);
    float* to = filter_.data();
    for (int64_t first = 0; first < taps; first += row) {
      for (int64_t c = 0; c < g_.input_channels; ++c) {
        for (int64_t tap = first; tap < first + row; ++tap) {
          for (int64_t k = 0; k < g_.output_channels; ++k) {
            *to++ = filter[(k * taps + tap) * g_.input_channels + c];
          }
        }
      }
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const int64_t x_image = Volume(g_.input) * g_.input_channels;
    const int64_t y_image = Volume(g_.output) * g_.output_channels;
    for (int64_t n = 0; n < images; ++n) {
      WritePlanes(InputData(0) + n * x_image);
      ForwardImage(OutputData() + n * y_image);
    }
  }

 private:
  absl::Status Allocate() override {
    const Axes& stride = g_.window.stride;
    LENSLET_ASSIGN_OR_RETURN(
        filter_, MakeTensor({Volume(g_.window.kernel), g_.input_channels,
                             g_.output_channels}));
    LENSLET_ASSIGN_OR_RETURN(
        planes_, MakeTensor({padded_[0], g_.input_channels,
                             stride[1] * stride[2], plane_rows_, plane_row_}));
    LENSLET_ASSIGN_OR_RETURN(
        sums_,
        MakeTensor({g_.output_channels, VectorsOf(rows_at_once_), kLanes}));
    ListRuns();
    return absl::OkStatus();
  }

  // Vectors over that many rows of outputs, and what is between them.
  int64_t VectorsOf(int64_t rows) const {
    return LaneGroups((rows - 1) * plane_row_ + g_.output[2]);
  }

  // As many as fill most of an L1 cache of 32 KiB or more.
  int64_t RowsAtOnce() const {
    constexpr int64_t kFloats = 24 * 1024 / sizeof(float);
    return std::clamp(kFloats / (g_.output_channels * plane_row_), int64_t{1},
                      g_.output[1]);
  }

  // Where the plane of that phase of channel c at depth d starts, in floats.
  int64_t PlaneOffset(int64_t d, int64_t c, int64_t h, int64_t w) const {
    const Axes& stride = g_.window.stride;
    return (((d * g_.input_channels + c) * stride[1] + h % stride[1]) *
                stride[2] +
            w % stride[2]) *
           plane_;
  }
  // Where the padded input's (h, w) is in the plane of its phase.
  int64_t OffsetInPlane(int64_t h, int64_t w) const {
    const Axes& stride = g_.window.stride;
    return h / stride[1] * plane_row_ + w / stride[2];
  }

  void ListRuns() {
    const Window& w = g_.window;
    // Neighboring taps are on the same plane only without strides.
    const int64_t steps = w.stride[2] == 1 ? w.kernel[2] : 1;
    int64_t step = 0;
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
        for (int64_t c = 0; c < g_.input_channels; ++c) {
          for (int64_t kw = 0; kw < w.kernel[2]; kw += steps) {
            const int64_t ih = kh * w.dilation[1];
            const int64_t iw = kw * w.dilation[2];
            runs_.push_back({.x = PlaneOffset(kd * w.dilation[0], c, ih, iw) +
                                  OffsetInPlane(ih, iw),
                             .w = step * g_.output_channels,
                             .steps = steps});
            step += steps;
          }
        }
      }
    }
  }

  // Padding is zero from the start.
  void WritePlanes(const float* x) {
    const Axes& before = g_.window.padding.before;
    const int64_t stride = g_.window.stride[2];
    const int64_t channels = g_.input_channels;
    for (int64_t d = 0; d < g_.input[0]; ++d) {
      for (int64_t h = 0; h < g_.input[1]; ++h) {
        const int64_t to_h = h + before[1];
        for (int64_t first = 0; first < std::min(stride, g_.input[2]);
             ++first) {
          const int64_t to_w = first + before[2];
          for (int64_t c = 0; c < channels; ++c) {
            float* to = planes_.data() +
                        PlaneOffset(d + before[0], c, to_h, to_w) +
                        OffsetInPlane(to_h, to_w);
            if (channels == 1 && stride == 1) {
              std::copy_n(x, g_.input[2], to);
              continue;
            }
            for (int64_t w = first; w < g_.input[2]; w += stride) {
              *to++ = x[w * channels + c];
            }
          }
        }
        x += g_.input[2] * channels;
      }
    }
  }

  void ForwardImage(float* y) {
    WeightedSums sums = {.runs = runs_,
                         .outputs = g_.output_channels,
                         .x_stride = kLanes,
                         .x_step = g_.window.dilation[2],
                         .w = filter_.data(),
                         .w_stride = g_.output_channels,
                         .start = g_.has_bias ? ParameterData(1) : nullptr,
                         .y = sums_.data(),
                         .y_stride = kLanes,
                         .y_output = VectorsOf(rows_at_once_) * kLanes};
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      const float* slice =
          planes_.data() + PlaneOffset(d * g_.window.stride[0], 0, 0, 0);
      for (int64_t h = 0; h < g_.output[1]; h += rows_at_once_) {
        const int64_t rows = std::min(rows_at_once_, g_.output[1] - h);
        sums.positions = VectorsOf(rows);
        sums.x = slice + h * plane_row_;
        ComputeWeightedSums(sums, tile_);
        Interleave({.data = sums_.data(),
                    .plane_stride = sums.y_output,
                    .row_stride = plane_row_},
                   g_.output_channels, rows, g_.output[2], activation_, y);
        y += rows * g_.output[2] * g_.output_channels;
      }
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const Axes padded_;  // The size of the padded input.
  const int64_t plane_rows_;
  const int64_t plane_row_;
  const int64_t plane_;  // Floats of a plane.
  const int64_t rows_at_once_;
  const TileSize tile_;
  std::vector<WeightedRun> runs_;
  Tensor filter_;  // In the order of the runs, output channels innermost.
  Tensor planes_;  // [D, Cin, phases, plane_rows_, plane_row_]
  Tensor sums_;    // The output's planes, of some rows.
};

}  // namespace

bool CanConvolvePixels(const ConvGeometry& geometry) {
  const Window& w = geometry.window;
  return geometry.groups == 1 &&
         geometry.output_channels <= kMaxInterleavedChannels &&
         w.stride[1] <= w.kernel[1] && w.stride[2] <= w.kernel[2];
}

std::unique_ptr<Kernel> MakeConvDirectPixelsKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation) {
  return std::make_unique<ConvDirectPixelsKernel>(geometry, activation);
}

}  // namespace lenslet
