#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_lanes_input_gradient.h"
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
        product_tile_(ChooseProductSumsTile(part_outputs_, part_inputs_)) {
    runs_.reserve(s_.taps);
  }

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    weights_.resize(s_.g.groups);
    for (PackedWeights& part : weights_) {
      LENSLET_ASSIGN_OR_RETURN(
          part,
          PackedWeights::Create(part_outputs_, s_.taps * part_inputs_, tile_));
    }
    if (HasPadding()) {
      // Backward reads it again; else one group's is enough.
      const int64_t groups = WantsGradients() ? block_groups_ : 1;
      LENSLET_ASSIGN_OR_RETURN(
          padded_x_, MakeFloats(groups * Volume(s_.padded) * s_.x_position));
    }
    if (!WantsGradients()) return absl::OkStatus();
    if (WantsInputGradient()) {
      input_gradients_.reserve(s_.g.groups);
      for (int64_t part = 0; part < s_.g.groups; ++part) {
        input_gradients_.emplace_back(PartShape());
        LENSLET_RETURN_IF_ERROR(input_gradients_.back().Allocate());
      }
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
      if (WantsInputGradient()) input_gradients_[part].SetFilter(filter);
      filter += part_outputs_ * steps;
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      if (HasPadding()) CopyToPadded(group);
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

  ConvLanesShape PartShape() const {
    ConvGeometry part = s_.g;
    part.input_channels = part_inputs_;
    part.output_channels = part_outputs_;
    part.groups = 1;
    return ConvLanesShape(part);
  }

  // The padding itself is zero from the start.
  void CopyToPadded(int64_t group) {
    CopyIntoPadding(s_,
                    InputData(0) + group * Volume(s_.g.input) * s_.x_position,
                    PaddedX(group));
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
    ActivateUnlessRelu(activation_, s_.RowFloats(), y);
  }

  // A group's gradient before the activation.
  const float* Gradient(int64_t group) {
    const float* dy = buffers().output_gradient + group * GroupOutput();
    if (!activation_) return dy;
    ActivationGradient(*activation_, GroupOutput(),
                       OutputData() + group * GroupOutput(), dy, dz_.data());
    return dz_.data();
  }

  void WriteInputGradient(int64_t group, int64_t part) {
    input_gradients_[part].Write(part_dz_.data(), part_dx_.data());
    CopyRuns(Volume(s_.g.input), part_x_, part_dx_.data(), part_x_,
             buffers().input_gradients[0] +
                 group * Volume(s_.g.input) * s_.x_position + part * part_x_,
             s_.x_position);
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
  const TileSize product_tile_;
  std::vector<WeightedRun> runs_;
  // Of each part.
  std::vector<PackedWeights> weights_;
  std::vector<ConvLanesInputGradient> input_gradients_;
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
