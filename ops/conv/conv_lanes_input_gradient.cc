#include "lenslet/ops/conv/conv_lanes_input_gradient.h"

#include <algorithm>

#include "lenslet/base/status_macros.h"

namespace lenslet {

ConvLanesInputGradient::ConvLanesInputGradient(const ConvLanesShape& shape)
    : s_(shape),
      tile_(ChooseWeightedSumsTile(s_.g.input_channels, s_.g.output[2])) {
  runs_.reserve(s_.taps);
}

absl::Status ConvLanesInputGradient::Allocate() {
  LENSLET_ASSIGN_OR_RETURN(
      weights_, PackedWeights::Create(s_.g.input_channels,
                                      s_.taps * s_.g.output_channels, tile_));
  return absl::OkStatus();
}

void ConvLanesInputGradient::SetFilter(const float* filter) {
  for (int64_t tap = 0; tap < s_.taps; ++tap) {
    weights_.Pack(tap * s_.g.output_channels, s_.g.output_channels,
                  filter + tap * s_.g.input_channels, 1,
                  s_.taps * s_.g.input_channels);
  }
}

void ConvLanesInputGradient::Write(const float* dz, float* dx) {
  const int64_t row = s_.g.input[2] * s_.x_position;
  for (int64_t d = 0; d < s_.g.input[0]; ++d) {
    for (int64_t h = 0; h < s_.g.input[1]; ++h) {
      std::fill_n(dx, row, 0.0f);
      for (int64_t kw = 0; kw < s_.g.window.kernel[2]; ++kw) {
        AddTap(d, h, kw, dz, dx);
      }
      dx += row;
    }
  }
}

void ConvLanesInputGradient::AddTap(int64_t d, int64_t h, int64_t kw,
                                    const float* dz, float* dx) {
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
          {.x = (RowOffset(s_.g.output, od, oh) + begin) * s_.y_position,
           .w = weights_.OffsetOf(tap * s_.g.output_channels),
           .steps = s_.g.output_channels});
    }
  }
  if (runs_.empty()) return;
  WeightedSums sums = {.runs = runs_,
                       .positions = end - begin,
                       .outputs = s_.g.input_channels,
                       .x = dz,
                       .x_stride = s_.y_position,
                       .start_with_y = true,
                       .y = dx + (begin * w.stride[2] + first) * s_.x_position,
                       .y_stride = w.stride[2] * s_.x_position};
  weights_.SetWeightsOf(sums);
  ComputeWeightedSums(sums, tile_);
}

int64_t ConvLanesInputGradient::OutputOf(int axis, int64_t i,
                                         int64_t tap) const {
  const Window& w = s_.g.window;
  const int64_t start = i + w.padding.before[axis] - tap * w.dilation[axis];
  if (start < 0 || start % w.stride[axis] != 0) return -1;
  const int64_t o = start / w.stride[axis];
  return o < s_.g.output[axis] ? o : -1;
}

}  // namespace lenslet
