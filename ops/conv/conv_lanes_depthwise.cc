#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/conv_lanes_channels.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/lanes/product_sums.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvLanesDepthwiseKernel : public Kernel {
 public:
  explicit ConvLanesDepthwiseKernel(const ConvGeometry& geometry)
      : g_(geometry),
        channels_(geometry.input_channels),
        position_(channels_ * kLanes),
        taps_(Volume(geometry.window.kernel)) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    rows_.reserve(g_.window.kernel[0] * g_.window.kernel[1]);
    met_.reserve(taps_);
    if (this->buffers().output_gradient == nullptr) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(filter_sums_, MakeFloats(taps_ * position_));
    LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeFloats(position_));
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    WriteSums(LaneGroups(images), g_.output, g_.input,
              [this](int axis, int64_t o, int64_t tap) {
                return InputOf(axis, o, tap);
              },
              {.from = InputData(0),
               .start = g_.has_bias ? ParameterData(1) : nullptr,
               .to = OutputData()});
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t groups = LaneGroups(images);
    if (buffers().input_gradients[0] != nullptr) {
      WriteSums(groups, g_.input, g_.output,
                [this](int axis, int64_t i, int64_t tap) {
                  return OutputOf(axis, i, tap);
                },
                {.from = buffers().output_gradient,
                 .to = buffers().input_gradients[0]});
    }
    if (parameter_gradients[0] != nullptr) {
      AddFilterGradient(groups, parameter_gradients[0]);
    }
    if (g_.has_bias && parameter_gradients[1] != nullptr) {
      Clear(bias_sums_);
      AddVectorSums(groups * Volume(g_.output), channels_,
                    buffers().output_gradient, bias_sums_.data());
      AddLaneSums(channels_, bias_sums_.data(), parameter_gradients[1]);
    }
  }

 private:
  static void Clear(Tensor& tensor) {
    std::fill(tensor.span().begin(), tensor.span().end(), 0.0f);
  }

  // The input position under a tap at output position o along an axis, and the
  // output position whose tap is at input position i; -1 if there is none.
  int64_t InputOf(int axis, int64_t o, int64_t tap) const {
    const Window& w = g_.window;
    const int64_t i =
        o * w.stride[axis] - w.padding.before[axis] + tap * w.dilation[axis];
    return i < g_.input[axis] ? std::max(i, int64_t{-1}) : -1;
  }
  int64_t OutputOf(int axis, int64_t i, int64_t tap) const {
    const Window& w = g_.window;
    const int64_t start = i + w.padding.before[axis] - tap * w.dilation[axis];
    if (start < 0 || start % w.stride[axis] != 0) return -1;
    const int64_t o = start / w.stride[axis];
    return o < g_.output[axis] ? o : -1;
  }

  // Writes, for each of the positions of `to_size` of each group, the sum over
  // the taps that meet one of `from_size`, which find(axis, position, tap)
  // finds: negative if there is none. `sums` is for the first position.
  template <typename Find>
  void WriteSums(int64_t groups, const Axes& to_size, const Axes& from_size,
                 Find find, ChannelSumsAtPosition sums) {
    sums.channels = channels_;
    sums.w = ParameterData(0);
    sums.w_stride = taps_;
    for (int64_t group = 0; group < groups; ++group) {
      for (int64_t d = 0; d < to_size[0]; ++d) {
        for (int64_t h = 0; h < to_size[1]; ++h) {
          FindRows(d, h, from_size, find);
          for (int64_t w = 0; w < to_size[2]; ++w) {
            FindTaps(w, find);
            sums.taps = met_;
            ComputeChannelSumsAtPosition(sums);
            sums.to += position_;
          }
        }
      }
      sums.from += Volume(from_size) * position_;
    }
  }

  // Lists the rows of the filter that meet rows of `from_size` at row (d, h).
  template <typename Find>
  void FindRows(int64_t d, int64_t h, const Axes& from_size, Find find) {
    const Axes& kernel = g_.window.kernel;
    rows_.clear();
    for (int64_t kd = 0; kd < kernel[0]; ++kd) {
      const int64_t from_d = find(0, d, kd);
      for (int64_t kh = 0; from_d >= 0 && kh < kernel[1]; ++kh) {
        const int64_t from_h = find(1, h, kh);
        if (from_h < 0) continue;
        rows_.push_back(
            {.from = RowOffset(from_size, from_d, from_h) * position_,
             .tap = (kd * kernel[1] + kh) * kernel[2]});
      }
    }
  }

  // Lists the taps of those rows that meet a position at column w.
  template <typename Find>
  void FindTaps(int64_t w, Find find) {
    met_.clear();
    for (const ChannelTap& row : rows_) {
      for (int64_t kw = 0; kw < g_.window.kernel[2]; ++kw) {
        const int64_t from_w = find(2, w, kw);
        if (from_w < 0) continue;
        met_.push_back(
            {.from = row.from + from_w * position_, .tap = row.tap + kw});
      }
    }
  }

  // A row of outputs and a tap at a time.
  void AddFilterGradient(int64_t groups, float* gradient) {
    Clear(filter_sums_);
    const float* x = InputData(0);
    const float* dy = buffers().output_gradient;
    for (int64_t group = 0; group < groups; ++group) {
      for (int64_t d = 0; d < g_.output[0]; ++d) {
        for (int64_t h = 0; h < g_.output[1]; ++h) {
          FindRows(d, h, g_.input, [this](int axis, int64_t o, int64_t tap) {
            return InputOf(axis, o, tap);
          });
          for (const ChannelTap& row : rows_) AddRow(row, x, dy);
          dy += g_.output[2] * position_;
        }
      }
      x += Volume(g_.input) * position_;
    }
    AddLaneSums(channels_ * taps_, filter_sums_.data(), gradient);
  }

  // A row of the filter over a row of outputs.
  void AddRow(const ChannelTap& row, const float* x, const float* dy_row) {
    for (int64_t kw = 0; kw < g_.window.kernel[2]; ++kw) {
      // The outputs whose tap is at one of the input's columns.
      int64_t begin = 0;
      int64_t end = g_.output[2];
      while (begin < end && InputOf(2, begin, kw) < 0) ++begin;
      while (begin < end && InputOf(2, end - 1, kw) < 0) --end;
      if (begin == end) continue;
      AddChannelProducts({.positions = end - begin,
                          .channels = channels_,
                          .a = x + row.from + InputOf(2, begin, kw) * position_,
                          .a_stride = g_.window.stride[2] * position_,
                          .b = dy_row + begin * position_,
                          .b_stride = position_,
                          .sums = filter_sums_.data() + (row.tap + kw) * kLanes,
                          .sums_stride = taps_ * kLanes});
    }
  }

  const ConvGeometry g_;
  const int64_t channels_;
  const int64_t position_;  // Floats of a position.
  const int64_t taps_;
  std::vector<ChannelTap> rows_;  // Of the filter, by its first tap.
  std::vector<ChannelTap> met_;
  // In vectors that have yet to be added up.
  Tensor filter_sums_;
  Tensor bias_sums_;
};

}  // namespace

std::unique_ptr<Kernel> MakeConvLanesDepthwiseKernel(
    const ConvGeometry& geometry) {
  return std::make_unique<ConvLanesDepthwiseKernel>(geometry);
}

}  // namespace lenslet
