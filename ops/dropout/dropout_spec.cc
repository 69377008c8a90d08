#include "lenslet/ops/dropout/dropout_spec.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const DropoutSpec& spec, const Shape& image) {
  if (!(spec.rate >= 0 && spec.rate < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("rate is ", spec.rate, ", which is not in [0, 1)"));
  }
  if (image.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("dropout of an image of shape ", image.ToString(),
                     ", which has no elements"));
  }
  return image;
}

absl::StatusOr<Cost> ComputeCost(const DropoutSpec& spec, const Shape& image) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  return Cost();
}

}  // namespace lenslet
