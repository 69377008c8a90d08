#include "lenslet/onnx/average_as_conv.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

// Calls visit(factor) for each position, until that is false.
template <typename Visit>
bool VisitFactors(const PoolGeometry& geometry, Visit visit) {
  for (int64_t d = 0; d < geometry.output[0]; ++d) {
    for (int64_t h = 0; h < geometry.output[1]; ++h) {
      for (int64_t w = 0; w < geometry.output[2]; ++w) {
        const int64_t n = TapsAt(geometry, 0, d).divisor *
                          TapsAt(geometry, 1, h).divisor *
                          TapsAt(geometry, 2, w).divisor;
        if (!visit(1.0f / static_cast<float>(n))) return false;
      }
    }
  }
  return true;
}

bool IsAverage(const PoolSpec& spec, const Shape& image,
               absl::Span<const float> factors) {
  const absl::StatusOr<PoolGeometry> geometry = Resolve(spec, image);
  if (!geometry.ok()) return false;
  size_t i = 0;
  return VisitFactors(*geometry,
                      [&](float factor) {
                        return i < factors.size() && factors[i++] == factor;
                      }) &&
         i == factors.size();
}

}  // namespace

std::vector<float> AverageFactors(const PoolGeometry& geometry) {
  std::vector<float> factors;
  VisitFactors(geometry, [&](float factor) {
    factors.push_back(factor);
    return true;
  });
  return factors;
}

std::optional<PoolSpec> AverageOf(const ConvSpec& conv,
                                  absl::Span<const float> weight,
                                  const Shape& image,
                                  absl::Span<const float> factors) {
  const int rank = image.rank() - 1;
  const bool sums_channels =
      conv.groups == image.dim(rank) && conv.groups == conv.output_channels &&
      !conv.has_bias && !conv.flip && conv.padding_mode == PaddingMode::kZero &&
      conv.connections.empty() &&
      std::all_of(weight.begin(), weight.end(),
                  [](float number) { return number == 1; });
  if (!sums_channels) return std::nullopt;
  PoolSpec spec{.kind = PoolKind::kAverage,
                .window = conv.window,
                .count_padding = false};
  if (IsAverage(spec, image, factors)) return spec;
  spec.count_padding = true;
  // The convolution's padding reaches as far as the last window. The pooling's
  // may be less, and the number of its windows rounded up: along each axis, it
  // is the convolution's, that before, or none.
  std::vector<Axes> choices = {conv.window.padding.after};
  for (int axis = 0; axis < rank; ++axis) {
    const size_t count = choices.size();
    for (const int64_t after : {conv.window.padding.before[axis], int64_t{0}}) {
      for (size_t i = 0; i < count; ++i) {
        Axes choice = choices[i];
        choice[axis] = after;
        if (std::find(choices.begin(), choices.end(), choice) ==
            choices.end()) {
          choices.push_back(choice);
        }
      }
    }
  }
  for (const Axes& after : choices) {
    spec.window.padding.after = after;
    for (const Rounding rounding : {Rounding::kFloor, Rounding::kCeil}) {
      spec.rounding = rounding;
      if (IsAverage(spec, image, factors)) return spec;
    }
  }
  // With dilations, rounding may also add to padding that is shorter by less
  // than a stride. A few lengths along one axis are tried.
  constexpr int64_t kMaxShorter = 3;
  spec.rounding = Rounding::kCeil;
  for (int axis = 0; axis < conv.window.stride.rank(); ++axis) {
    const int64_t longest = conv.window.padding.after[axis];
    const int64_t most =
        std::min({kMaxShorter, conv.window.stride[axis] - 1, longest});
    for (int64_t shorter = 1; shorter <= most; ++shorter) {
      for (const Axes& after : choices) {
        if (after[axis] != longest) continue;
        spec.window.padding.after = after;
        spec.window.padding.after[axis] = longest - shorter;
        if (IsAverage(spec, image, factors)) return spec;
      }
    }
  }
  return std::nullopt;
}

}  // namespace lenslet
