#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_lanes_channels.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/lanes/product_sums.h"
#include "lenslet/ops/lanes/sliding_sums.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvLanesDepthwiseKernel : public Kernel {
 public:
  ConvLanesDepthwiseKernel(const ConvGeometry& geometry,
                           std::optional<ActivationSpec> activation)
      : g_(geometry),
        activation_(activation),
        channels_(geometry.input_channels),
        position_(channels_ * kLanes),
        taps_(Volume(geometry.window.kernel)),
        slides_(CanSlide(g_.window.kernel[2], g_.window.stride[2]) &&
                g_.window.dilation[2] == 1 &&
                g_.window.padding.before[2] < g_.window.kernel[2] &&
                g_.window.padding.after[2] < g_.window.kernel[2]) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    rows_.reserve(g_.window.kernel[0] * g_.window.kernel[1]);
    runs_.reserve(rows_.capacity());
    products_.reserve(rows_.capacity());
    met_.reserve(taps_);
    LENSLET_ASSIGN_OR_RETURN(filter_, MakeFloats(taps_ * channels_));
    if (!WantsGradients()) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(filter_sums_, MakeFloats(taps_ * position_));
    LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeFloats(position_));
    if (activation_) {
      LENSLET_ASSIGN_OR_RETURN(dz_, MakeFloats(Volume(g_.output) * position_));
    }
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    const float* filter = ParameterData(0);
    for (int64_t c = 0; c < channels_; ++c) {
      for (int64_t tap = 0; tap < taps_; ++tap) {
        filter_.data()[tap * channels_ + c] = filter[c * taps_ + tap];
      }
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      WriteSums(
          g_.output, g_.input, /*transposed=*/false,
          [this](int axis, int64_t o, int64_t tap) {
            return InputOf(axis, o, tap);
          },
          InputData(0) + group * Volume(g_.input) * position_,
          g_.has_bias ? ParameterData(1) : nullptr, activation_,
          OutputData() + group * Volume(g_.output) * position_);
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    float* const dw = parameter_gradients[0];
    float* const db = g_.has_bias ? parameter_gradients[1] : nullptr;
    if (dw != nullptr) Clear(filter_sums_);
    if (db != nullptr) Clear(bias_sums_);
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      const int64_t x = group * Volume(g_.input) * position_;
      const float* dz = Gradient(group);
      if (buffers().input_gradients[0] != nullptr) {
        WriteSums(
            g_.input, g_.output, /*transposed=*/true,
            [this](int axis, int64_t i, int64_t tap) {
              return OutputOf(axis, i, tap);
            },
            dz, /*start=*/nullptr, /*activation=*/{},
            buffers().input_gradients[0] + x);
      }
      if (dw != nullptr) AddFilterGradient(InputData(0) + x, dz);
      if (db != nullptr) {
        AddVectorSums(Volume(g_.output), channels_, dz, bias_sums_.data());
      }
    }
    if (dw != nullptr) {
      AddLaneSums(channels_ * taps_, filter_sums_.data(), dw);
    }
    if (db != nullptr) AddLaneSums(channels_, bias_sums_.data(), db);
  }

 private:
  static void Clear(Tensor& tensor) {
    std::fill(tensor.span().begin(), tensor.span().end(), 0.0f);
  }

  bool WantsGradients() const { return buffers().output_gradient != nullptr; }

  // A group's gradient before the activation.
  const float* Gradient(int64_t group) {
    const int64_t size = Volume(g_.output) * position_;
    const float* dy = buffers().output_gradient + group * size;
    if (!activation_) return dy;
    ActivationGradient(*activation_, size, OutputData() + group * size, dy,
                       dz_.data());
    return dz_.data();
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

  // Writes, for each of the positions of `to_size`, the sum over the taps that
  // meet one of `from_size`, which find(axis, position, tap) finds: negative if
  // there is none.
  template <typename Find>
  void WriteSums(const Axes& to_size, const Axes& from_size, bool transposed,
                 Find find, const float* from, const float* start,
                 std::optional<ActivationSpec> activation, float* to) {
    const int64_t to_row = to_size[2] * position_;
    for (int64_t d = 0; d < to_size[0]; ++d) {
      for (int64_t h = 0; h < to_size[1]; ++h) {
        FindRows(d, h, from_size, find);
        if (slides_) {
          SlideOverRow(to_size[2], from_size[2], transposed, from, start,
                       IsRelu(activation), to);
        } else {
          for (int64_t w = 0; w < to_size[2]; ++w) {
            FindTaps(w, find);
            ComputeChannelSumsAtPosition({.taps = met_,
                                          .channels = channels_,
                                          .from = from,
                                          .w = ParameterData(0),
                                          .w_stride = taps_,
                                          .start = start,
                                          .to = to + w * position_});
          }
        }
        if (activation && !(slides_ && IsRelu(activation))) {
          Activate(*activation, to_row, to, to);
        }
        to += to_row;
      }
    }
  }

  // Writes a row of sums over the rows that FindRows() found.
  void SlideOverRow(int64_t positions, int64_t columns, bool transposed,
                    const float* from, const float* start, bool rectify,
                    float* to) {
    runs_.clear();
    for (const ChannelTap& row : rows_) {
      runs_.push_back({.x = row.from, .w = row.tap * channels_});
    }
    SlidingRow row = {.runs = runs_,
                      .taps = g_.window.kernel[2],
                      .stride = g_.window.stride[2],
                      .transposed = transposed,
                      .padding = g_.window.padding.before[2],
                      .columns = columns,
                      .positions = positions,
                      .channels = position_,
                      .x = from,
                      .in_lanes = true,
                      .w = filter_.data(),
                      .w_stride = channels_,
                      .start = start,
                      .y = to};
    if (rectify) row.minimum = 0;
    ComputeSlidingRow(row);
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

  // Of a group, a row of outputs at a time.
  void AddFilterGradient(const float* x, const float* dz) {
    const Window& w = g_.window;
    ChannelProducts products = {.taps = w.kernel[2],
                                .stride = w.stride[2],
                                .dilation = w.dilation[2],
                                .padding = w.padding.before[2],
                                .columns = g_.input[2],
                                .positions = g_.output[2],
                                .channels = channels_,
                                .x = x,
                                .dy = dz,
                                .sums = filter_sums_.data(),
                                .sums_stride = taps_ * kLanes};
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      for (int64_t h = 0; h < g_.output[1]; ++h) {
        FindRows(d, h, g_.input, [this](int axis, int64_t o, int64_t tap) {
          return InputOf(axis, o, tap);
        });
        products_.clear();
        for (const ChannelTap& row : rows_) {
          products_.push_back({.x = row.from, .sums = row.tap * kLanes});
        }
        products.runs = products_;
        AddChannelProducts(products);
        products.dy += g_.output[2] * position_;
      }
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const int64_t channels_;
  const int64_t position_;  // Floats of a position.
  const int64_t taps_;
  const bool slides_;             // Over rows, loading each column once.
  std::vector<ChannelTap> rows_;  // Of the filter, by its first tap.
  std::vector<ChannelTap> met_;
  std::vector<SlidingRun> runs_;
  std::vector<ChannelProductRun> products_;
  Tensor filter_;  // [taps_, channels_]
  // In vectors that have yet to be added up.
  Tensor filter_sums_;
  Tensor bias_sums_;
  Tensor dz_;  // A group's gradient before the activation.
};

}  // namespace

std::unique_ptr<Kernel> MakeConvLanesDepthwiseKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation) {
  return std::make_unique<ConvLanesDepthwiseKernel>(geometry, activation);
}

}  // namespace lenslet
