#include "lenslet/ops/batch_norm/batch_norm_spec.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxChannels = std::numeric_limits<int32_t>::max();

absl::Status Check(const BatchNormSpec& spec) {
  if (spec.channels < 1 || spec.channels > kMaxChannels) {
    return absl::InvalidArgumentError(
        absl::StrCat("channels are ", spec.channels, ", which is not in [1, ",
                     kMaxChannels, "]"));
  }
  if (!std::isfinite(spec.epsilon) || spec.epsilon <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "epsilon is ", spec.epsilon, ", a positive number is needed"));
  }
  if (!(spec.momentum >= 0 && spec.momentum <= 1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "momentum is ", spec.momentum, ", which is not in [0, 1]"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Shape> OutputShape(const BatchNormSpec& spec,
                                  const Shape& image) {
  LENSLET_RETURN_IF_ERROR(Check(spec));
  if (image.rank() < 1 || image.elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has no channels"));
  }
  const int64_t channels = image.dim(image.rank() - 1);
  if (channels != spec.channels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input has ", channels, " channels, scale expects ", spec.channels));
  }
  return image;
}

absl::StatusOr<Cost> ComputeCost(const BatchNormSpec& spec,
                                 const Shape& image) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  Cost cost;
  cost.multiply_adds = image.elements();
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = image.elements(),
                                    .weight = 3 * spec.channels,
                                    .bias = spec.channels,
                                    .output = image.elements()},
                                   cost));
  return cost;
}

}  // namespace lenslet
