#include "lenslet/ops/conv/conv_filter_parts.h"

#include <algorithm>
#include <vector>

namespace lenslet {

ConvFilterParts::ConvFilterParts(const ConvGeometry& geometry, int64_t parts)
    : g_(geometry),
      part_outputs_(g_.output_channels / parts),
      part_inputs_(g_.input_channels / g_.groups),
      taps_(Volume(g_.window.kernel)) {}

// A filter that is reversed along every axis is reversed in memory, but for its
// channels.
template <typename Body>
void ConvFilterParts::ForEachNumber(int64_t part, Body body) const {
  if (!g_.connections.empty()) {
    int64_t pair = 0;
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      for (int64_t c : g_.connections[k]) {
        for (int64_t tap = 0; tap < taps_; ++tap) {
          body((k * taps_ + tap) * part_inputs_ + c,
               pair * taps_ + TapInFilter(tap));
        }
        ++pair;
      }
    }
    return;
  }
  const int64_t first = part * part_outputs_;
  for (int64_t k = 0; k < part_outputs_; ++k) {
    for (int64_t tap = 0; tap < taps_; ++tap) {
      const int64_t to = (k * taps_ + tap) * part_inputs_;
      const int64_t from =
          ((first + k) * taps_ + TapInFilter(tap)) * part_inputs_;
      for (int64_t c = 0; c < part_inputs_; ++c) body(to + c, from + c);
    }
  }
}

void ConvFilterParts::Write(int64_t part, const float* filter,
                            float* part_filter) const {
  if (!g_.connections.empty()) {
    std::fill_n(part_filter, part_outputs_ * taps_ * part_inputs_, 0.0f);
  }
  ForEachNumber(part, [&](int64_t in_part, int64_t in_filter) {
    part_filter[in_part] = filter[in_filter];
  });
}

void ConvFilterParts::AddGradient(int64_t part, const float* part_gradient,
                                  float* gradient) const {
  ForEachNumber(part, [&](int64_t in_part, int64_t in_filter) {
    gradient[in_filter] += part_gradient[in_part];
  });
}

}  // namespace lenslet
