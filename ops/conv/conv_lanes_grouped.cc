#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/lanes/packed_weights.h"
#include "lenslet/ops/lanes/product_sums.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// A group of channels is called a part here; "group" alone is one of images.
class ConvLanesGroupedKernel : public Kernel {
 public:
  ConvLanesGroupedKernel(const ConvGeometry& geometry, int64_t images,
                         std::optional<ActivationSpec> activation)
      : s_(geometry),
        block_groups_(LaneGroups(images)),
        activation_(activation),
        part_inputs_(s_.g.input_channels / s_.g.groups),
        part_outputs_(s_.g.output_channels / s_.g.groups),
        part_x_(part_inputs_ * kLanes),
        part_y_(part_outputs_ * kLanes),
        tile_(ChooseWeightedSumsTile(part_outputs_, s_.g.output[2])),
        input_tile_(ChooseWeightedSumsTile(part_inputs_, s_.g.output[2])),
        product_tile_(ChooseProductSumsTile(part_outputs_, part_inputs_)) {
    runs_.reserve(s_.taps);
  }

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    LENSLET_RETURN_IF_ERROR(
        MakeWeights(part_outputs_, s_.taps * part_inputs_, tile_, weights_));
    if (HasPadding()) {
      // Backward reads it again; else one group's is enough.
      const int64_t groups = WantsGradients() ? block_groups_ : 1;
      LENSLET_ASSIGN_OR_RETURN(
          padded_x_, MakeFloats(groups * Volume(s_.padded) * s_.x_position));
    }
    if (!WantsGradients()) return absl::OkStatus();
    if (WantsInputGradient()) {
      LENSLET_RETURN_IF_ERROR(MakeWeights(part_inputs_, s_.taps * part_outputs_,
                                          input_tile_, input_weights_));
    }
    LENSLET_ASSIGN_OR_RETURN(part_dz_,
                             MakeFloats(Volume(s_.g.output) * part_y_));
    LENSLET_ASSIGN_OR_RETURN(part_dx_,
                             MakeFloats(Volume(s_.g.input) * part_x_));
    LENSLET_ASSIGN_OR_RETURN(part_padded_x_,
                             MakeFloats(Volume(s_.padded) * part_x_));
    LENSLET_ASSIGN_OR_RETURN(filter_sums_, MakeFloats(FilterSize() * kLanes));
    LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeFloats(s_.y_position));
    if (!activation_) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(dz_, MakeFloats(GroupOutput()));
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    const int64_t steps = s_.taps * part_inputs_;
    const float* filter = ParameterData(0);
    for (int64_t part = 0; part < s_.g.groups; ++part) {
      weights_[part].Pack(0, steps, filter, steps, 1);
      for (int64_t tap = 0; WantsInputGradient() && tap < s_.taps; ++tap) {
        input_weights_[part].Pack(tap * part_outputs_, part_outputs_,
                                  filter + tap * part_inputs_, 1, steps);
      }
      filter += part_outputs_ * steps;
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      if (HasPadding()) CopyIntoPadding(group);
      const float* x = PaddedGroup(group);
      float* y = OutputData() + group * GroupOutput();
      for (int64_t d = 0; d < s_.g.output[0]; ++d) {
        for (int64_t h = 0; h < s_.g.output[1]; ++h) {
          ForwardRow(d, h, x, y);
          y += s_.RowFloats();
        }
      }
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    float* const dw = parameter_gradients[0];
    float* const db = s_.g.has_bias ? parameter_gradients[1] : nullptr;
    Clear(filter_sums_);
    Clear(bias_sums_);
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      const float* dz = Gradient(group);
      for (int64_t part = 0; part < s_.g.groups; ++part) {
        CopyRuns(Volume(s_.g.output), part_y_, dz + part * part_y_,
                 s_.y_position, part_dz_.data(), part_y_);
        if (WantsInputGradient()) WriteInputGradient(group, part);
        if (dw != nullptr) AddFilterGradient(group, part);
      }
      if (db != nullptr) {
        AddVectorSums(Volume(s_.g.output), s_.g.output_channels, dz,
                      bias_sums_.data());
      }
    }
    if (dw != nullptr) AddLaneSums(FilterSize(), filter_sums_.data(), dw);
    if (db != nullptr) {
      AddLaneSums(s_.g.output_channels, bias_sums_.data(), db);
    }
  }

 private:
  // Copies `count` runs of `floats` floats that start a stride apart.
  static void CopyRuns(int64_t count, int64_t floats, const float* from,
                       int64_t from_stride, float* to, int64_t to_stride) {
    for (int64_t i = 0; i < count; ++i) {
      std::copy_n(from + i * from_stride, floats, to + i * to_stride);
    }
  }

  static void Clear(Tensor& tensor) {
    std::fill(tensor.span().begin(), tensor.span().end(), 0.0f);
  }

  bool HasPadding() const { return !(s_.padded == s_.g.input); }
  bool WantsGradients() const { return buffers().output_gradient != nullptr; }
  bool WantsInputGradient() const {
    return WantsGradients() && buffers().input_gradients[0] != nullptr;
  }

  int64_t FilterSize() const {
    return s_.g.output_channels * s_.taps * part_inputs_;
  }
  int64_t GroupOutput() const { return Volume(s_.g.output) * s_.y_position; }

  absl::Status MakeWeights(int64_t outputs, int64_t steps, TileSize tile,
                           std::vector<PackedWeights>& weights) const {
    weights.resize(s_.g.groups);
    for (PackedWeights& part : weights) {
      LENSLET_ASSIGN_OR_RETURN(part,
                               PackedWeights::Create(outputs, steps, tile));
    }
    return absl::OkStatus();
  }

  // The padding itself is zero from the start.
  void CopyIntoPadding(int64_t group) {
    const Axes& before = s_.g.window.padding.before;
    const int64_t row = s_.g.input[2] * s_.x_position;
    const float* from =
        InputData(0) + group * Volume(s_.g.input) * s_.x_position;
    float* to = PaddedX(group) + before[2] * s_.x_position;
    for (int64_t d = 0; d < s_.g.input[0]; ++d) {
      for (int64_t h = 0; h < s_.g.input[1]; ++h) {
        std::copy_n(from, row,
                    to + RowOffset(s_.padded, d + before[0], h + before[1]) *
                             s_.x_position);
        from += row;
      }
    }
  }

  float* PaddedX(int64_t group) {
    return padded_x_.data() +
           (WantsGradients() ? group * Volume(s_.padded) * s_.x_position : 0);
  }
  const float* PaddedGroup(int64_t group) {
    return HasPadding()
               ? PaddedX(group)
               : InputData(0) + group * Volume(s_.padded) * s_.x_position;
  }

  void ForwardRow(int64_t d, int64_t h, const float* x, float* y) {
    const Window& w = s_.g.window;
    runs_.clear();
    for (int64_t tap = 0; tap < s_.taps; ++tap) {
      const int64_t kw = tap % w.kernel[2];
      const int64_t kh = tap / w.kernel[2] % w.kernel[1];
      const int64_t kd = tap / w.kernel[2] / w.kernel[1];
      const int64_t id = d * w.stride[0] + kd * w.dilation[0];
      const int64_t ih = h * w.stride[1] + kh * w.dilation[1];
      if (!s_.IsInput(0, id) || !s_.IsInput(1, ih)) continue;
      runs_.push_back(
          {.x = (RowOffset(s_.padded, id, ih) + kw * w.dilation[2]) *
                s_.x_position,
           .w = weights_[0].OffsetOf(tap * part_inputs_),
           .steps = part_inputs_});
    }
    WeightedSums sums = {.runs = runs_,
                         .positions = s_.g.output[2],
                         .outputs = part_outputs_,
                         .x = x,
                         .x_stride = w.stride[2] * s_.x_position,
                         .start = s_.g.has_bias ? ParameterData(1) : nullptr,
                         .y = y,
                         .y_stride = s_.y_position};
    // A rectifier costs nothing while the sums are still in registers.
    if (IsRelu(activation_)) sums.minimum = 0;
    for (const PackedWeights& part : weights_) {
      part.SetWeightsOf(sums);
      ComputeWeightedSums(sums, tile_);
      sums.x += part_inputs_ * kLanes;
      if (sums.start != nullptr) sums.start += part_outputs_;
      sums.y += part_outputs_ * kLanes;
    }
    if (activation_ && !IsRelu(activation_)) {
      Activate(*activation_, s_.RowFloats(), y, y);
    }
  }

  // A group's gradient before the activation.
  const float* Gradient(int64_t group) {
    const float* dy = buffers().output_gradient + group * GroupOutput();
    if (!activation_) return dy;
    ActivationGradient(*activation_, GroupOutput(),
                       OutputData() + group * GroupOutput(), dy, dz_.data());
    return dz_.data();
  }

  // The output whose tap `tap` is at input `i` along an axis, or -1.
  int64_t OutputOf(int axis, int64_t i, int64_t tap) const {
    const Window& w = s_.g.window;
    const int64_t start = i + w.padding.before[axis] - tap * w.dilation[axis];
    if (start < 0 || start % w.stride[axis] != 0) return -1;
    const int64_t o = start / w.stride[axis];
    return o < s_.g.output[axis] ? o : -1;
  }

  void WriteInputGradient(int64_t group, int64_t part) {
    const int64_t row = s_.g.input[2] * part_x_;
    float* dx = part_dx_.data();
    std::fill(part_dx_.span().begin(), part_dx_.span().end(), 0.0f);
    for (int64_t d = 0; d < s_.g.input[0]; ++d) {
      for (int64_t h = 0; h < s_.g.input[1]; ++h) {
        for (int64_t kw = 0; kw < s_.g.window.kernel[2]; ++kw) {
          AddTap(part, d, h, kw, dx);
        }
        dx += row;
      }
    }
    CopyRuns(Volume(s_.g.input), part_x_, part_dx_.data(), part_x_,
             buffers().input_gradients[0] +
                 group * Volume(s_.g.input) * s_.x_position + part * part_x_,
             s_.x_position);
  }

  // Adds what tap kw contributes to a part's input row (d, h), at dx.
  void AddTap(int64_t part, int64_t d, int64_t h, int64_t kw, float* dx) {
    const Window& w = s_.g.window;
    // Outputs [begin, end) have their tap in the row, not on padding.
    const int64_t first = kw * w.dilation[2] - w.padding.before[2];
    const int64_t begin =
        first >= 0 ? 0 : (-first + w.stride[2] - 1) / w.stride[2];
    const int64_t last = s_.g.input[2] - 1 - first;
    if (last < 0) return;
    const int64_t end = std::min(s_.g.output[2], last / w.stride[2] + 1);
    if (begin >= end) return;
    runs_.clear();
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      const int64_t od = OutputOf(0, d, kd);
      for (int64_t kh = 0; kh < w.kernel[1] && od >= 0; ++kh) {
        const int64_t oh = OutputOf(1, h, kh);
        if (oh < 0) continue;
        const int64_t tap = (kd * w.kernel[1] + kh) * w.kernel[2] + kw;
        runs_.push_back(
            {.x = (RowOffset(s_.g.output, od, oh) + begin) * part_y_,
             .w = input_weights_[part].OffsetOf(tap * part_outputs_),
             .steps = part_outputs_});
      }
    }
    if (runs_.empty()) return;
    WeightedSums sums = {.runs = runs_,
                         .positions = end - begin,
                         .outputs = part_inputs_,
                         .x = part_dz_.data(),
                         .x_stride = part_y_,
                         .start_with_y = true,
                         .y = dx + (begin * w.stride[2] + first) * part_x_,
                         .y_stride = w.stride[2] * part_x_};
    input_weights_[part].SetWeightsOf(sums);
    ComputeWeightedSums(sums, input_tile_);
  }

  // So many rows of outputs that, with the rows of the input that they read,
  // they fill most of an L1 cache of 32 KiB or more.
  int64_t RowsAtOnce() const {
    constexpr int64_t kCacheFloats = 32 * 1024 / sizeof(float);
    const int64_t rows = s_.g.output[2] * part_y_ + s_.padded[2] * part_x_;
    return std::max(int64_t{1}, kCacheFloats / rows);
  }

  void AddFilterGradient(int64_t group, int64_t part) {
    CopyRuns(Volume(s_.padded), part_x_, PaddedGroup(group) + part * part_x_,
             s_.x_position, part_padded_x_.data(), part_x_);
    const int64_t at_once = RowsAtOnce();
    for (int64_t d = 0; d < s_.g.output[0]; ++d) {
      for (int64_t h = 0; h < s_.g.output[1]; h += at_once) {
        const int64_t end = std::min(h + at_once, s_.g.output[1]);
        for (int64_t tap = 0; tap < s_.taps; ++tap) {
          AddTapProducts(part, d, h, end, tap);
        }
      }
    }
  }

  // Of the outputs in rows (d, begin) to (d, end - 1).
  void AddTapProducts(int64_t part, int64_t d, int64_t begin, int64_t end,
                      int64_t tap) {
    const Window& w = s_.g.window;
    const int64_t kw = tap % w.kernel[2];
    const int64_t kh = tap / w.kernel[2] % w.kernel[1];
    const int64_t kd = tap / w.kernel[2] / w.kernel[1];
    const auto input_row = [&](int64_t h) {
      return h * w.stride[1] + kh * w.dilation[1];
    };
    const int64_t id = d * w.stride[0] + kd * w.dilation[0];
    if (!s_.IsInput(0, id)) return;
    while (begin < end && !s_.IsInput(1, input_row(begin))) ++begin;
    while (begin < end && !s_.IsInput(1, input_row(end - 1))) --end;
    if (begin == end) return;
    const int64_t x = RowOffset(s_.padded, id, input_row(begin));
    ComputeProductSums(
        {.rows = end - begin,
         .positions = s_.g.output[2],
         .a_size = part_outputs_,
         .b_size = part_inputs_,
         .a = part_dz_.data() + RowOffset(s_.g.output, d, begin) * part_y_,
         .a_stride = part_y_,
         .a_row_stride = s_.g.output[2] * part_y_,
         .b = part_padded_x_.data() + (x + kw * w.dilation[2]) * part_x_,
         .b_stride = w.stride[2] * part_x_,
         .b_row_stride = w.stride[1] * s_.padded[2] * part_x_,
         .sums = filter_sums_.data() +
                 (part * part_outputs_ * s_.taps + tap) * part_x_,
         .sums_stride = s_.taps * part_x_},
        product_tile_);
  }

  const ConvLanesShape s_;
  const int64_t block_groups_;
  const std::optional<ActivationSpec> activation_;
  const int64_t part_inputs_;
  const int64_t part_outputs_;
  // Floats of a part's position.
  const int64_t part_x_;
  const int64_t part_y_;
  const TileSize tile_;
  const TileSize input_tile_;
  const TileSize product_tile_;
  std::vector<WeightedRun> runs_;
  std::vector<PackedWeights> weights_;        // Of each part.
  std::vector<PackedWeights> input_weights_;  // For the input's gradient.
  Tensor padded_x_;
  // In vectors that have yet to be added up.
  Tensor filter_sums_;
  Tensor bias_sums_;
  Tensor dz_;  // A group's gradient before the activation.
  // Of a part, without the others' channels between its own: positions of all
  // channels may be a power of two apart, and evict each other from the caches.
  Tensor part_dz_;
  Tensor part_dx_;
  Tensor part_padded_x_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvLanesGroupedKernel(
    const ConvGeometry& geometry, int64_t images,
    std::optional<ActivationSpec> activation) {
  // Strides can make a small output of a padded input beyond counting.
  const Axes padded = PaddedInput(geometry);
  LENSLET_RETURN_IF_ERROR(
      Shape::Create({LaneGroups(images), padded[0], padded[1], padded[2],
                     geometry.input_channels, kLanes})
          .status());
  return std::make_unique<ConvLanesGroupedKernel>(geometry, images, activation);
}

}  // namespace lenslet
