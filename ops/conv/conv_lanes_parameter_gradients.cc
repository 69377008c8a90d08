#include "ops/conv/conv_lanes_parameter_gradients.h"

#include <algorithm>

#include "base/status_macros.h"

namespace lenslet {
namespace {

// Output channels of a large filter whose sums are made together.
constexpr int64_t kChannelsAtOnce = 16;

}  // namespace

ConvLanesParameterGradients::ConvLanesParameterGradients(
    const ConvLanesShape& shape)
    : s_(shape),
      tile_(ChooseProductSumsTile(s_.g.output_channels, s_.run_vectors)),
      rows_at_once_(RowsAtOnce()) {}

// Gradients of so many rows, with the input's rows they belong to, fill most of
// an L1 cache of 32 KiB or more; but they are so many that loading and storing
// the sums of each product costs little beside making them.
int64_t ConvLanesParameterGradients::RowsAtOnce() const {
  constexpr int64_t kCacheFloats = 32 * 1024 / sizeof(float);
  constexpr int64_t kPositions = 48;
  const int64_t row_floats =
      s_.RowFloats() + s_.g.window.stride[1] * s_.padded[2] * s_.x_position;
  return std::max(
      {int64_t{1}, kCacheFloats / row_floats, kPositions / s_.g.output[2]});
}

bool ConvLanesParameterGradients::NeedsWholeGroups() const {
  constexpr int64_t kCacheFloats = 512 * 1024 / sizeof(float);
  return s_.FilterSize() * kLanes > kCacheFloats;
}

absl::Status ConvLanesParameterGradients::Allocate() {
  const int64_t sums =
      NeedsWholeGroups() ? kChannelsAtOnce * s_.run_vectors : s_.FilterSize();
  LENSLET_ASSIGN_OR_RETURN(filter_sums_, MakeFloats(sums * kLanes));
  LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeFloats(s_.y_position));
  return absl::OkStatus();
}

void ConvLanesParameterGradients::Start() {
  first_ = true;
  std::fill(bias_sums_.span().begin(), bias_sums_.span().end(), 0.0f);
}

template <typename Body>
void ConvLanesParameterGradients::ForEachRun(Body body) const {
  int64_t run = 0;
  for (int64_t kd = 0; kd < s_.g.window.kernel[0]; ++kd) {
    for (int64_t kh = 0; kh < s_.g.window.kernel[1]; ++kh) {
      for (int64_t i = 0; i < s_.runs_per_row; ++i, ++run) {
        body(run, RunPlace{kd, kh, i});
      }
    }
  }
}

ProductSums ConvLanesParameterGradients::SumsOf(const RunPlace& place,
                                                const OutputRows& outputs,
                                                const float* x,
                                                const float* dz) const {
  const Window& w = s_.g.window;
  const int64_t id = outputs.d * w.stride[0] + place.kd * w.dilation[0];
  const int64_t ih = outputs.h * w.stride[1] + place.kh * w.dilation[1];
  // The rows whose tap is not on padding.
  int64_t begin = 0;
  int64_t end = s_.IsInput(0, id) ? outputs.rows : 0;
  while (begin < end && !s_.IsInput(1, ih + begin * w.stride[1])) ++begin;
  while (begin < end && !s_.IsInput(1, ih + (end - 1) * w.stride[1])) --end;
  return {.rows = end - begin,
          .positions = s_.g.output[2],
          .b_size = s_.run_vectors,
          .a = dz + begin * s_.RowFloats(),
          .a_stride = s_.y_position,
          .a_row_stride = s_.RowFloats(),
          .b = x + (RowOffset(s_.padded, id, ih + begin * w.stride[1]) +
                    place.i * w.dilation[2]) *
                       s_.x_position,
          .b_stride = w.stride[2] * s_.x_position,
          .b_row_stride = w.stride[1] * s_.padded[2] * s_.x_position};
}

void ConvLanesParameterGradients::AddRows(int64_t d, int64_t h, int64_t rows,
                                          const float* x, const float* dz) {
  AddVectorSums(rows * s_.g.output[2], s_.g.output_channels, dz,
                bias_sums_.data());
  if (NeedsWholeGroups()) return;
  ForEachRun([&](int64_t run, const RunPlace& place) {
    ProductSums sums = SumsOf(place, {.d = d, .h = h, .rows = rows}, x, dz);
    // The first rows' sums are written even where all is padding.
    if (sums.rows == 0 && !first_) return;
    sums.start_with_sums = !first_;
    sums.a_size = s_.g.output_channels;
    sums.sums = filter_sums_.data() + run * s_.run_vectors * kLanes;
    sums.sums_stride = s_.taps * s_.x_position;
    ComputeProductSums(sums, tile_);
  });
  first_ = false;
}

void ConvLanesParameterGradients::AddGroup(const float* x, const float* dz,
                                           absl::Span<float* const> gradients) {
  if (!NeedsWholeGroups()) return;
  // A run and some channels at a time, so that the sums stay in the L2 cache.
  const int64_t channels = s_.g.output_channels;
  ForEachRun([&](int64_t run, const RunPlace& place) {
    for (int64_t k = 0; k < channels; k += kChannelsAtOnce) {
      const int64_t some = std::min(kChannelsAtOnce, channels - k);
      bool first = true;
      for (int64_t d = 0; d < s_.g.output[0]; ++d) {
        for (int64_t h = 0; h < s_.g.output[1]; h += rows_at_once_) {
          const int64_t rows = std::min(rows_at_once_, s_.g.output[1] - h);
          const int64_t row = d * s_.g.output[1] + h;
          ProductSums sums = SumsOf(place, {.d = d, .h = h, .rows = rows}, x,
                                    dz + row * s_.RowFloats() + k * kLanes);
          sums.start_with_sums = !first;
          sums.a_size = some;
          sums.sums = filter_sums_.data();
          sums.sums_stride = s_.run_vectors * kLanes;
          ComputeProductSums(sums, tile_);
          first = false;
        }
      }
      for (int64_t i = 0; i < some; ++i) {
        AddLaneSums(s_.run_vectors,
                    filter_sums_.data() + i * s_.run_vectors * kLanes,
                    gradients[0] + (k + i) * s_.taps * s_.g.input_channels +
                        run * s_.run_vectors);
      }
    }
  });
}

void ConvLanesParameterGradients::Finish(absl::Span<float* const> gradients) {
  if (!NeedsWholeGroups()) {
    AddLaneSums(s_.FilterSize(), filter_sums_.data(), gradients[0]);
  }
  if (s_.g.has_bias) {
    AddLaneSums(s_.g.output_channels, bias_sums_.data(), gradients[1]);
  }
}

}  // namespace lenslet
