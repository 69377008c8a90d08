#include "lenslet/ops/add/add_spec.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

absl::StatusOr<Shape> AddShape(absl::Span<const Shape> images) {
  if (images.size() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", images.size(), " inputs, expected at least 2"));
  }
  for (size_t i = 1; i < images.size(); ++i) {
    if (images[i] != images[0]) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " has shape ", images[i].ToString(), ", input 0 ",
          images[0].ToString(), "; expected the same"));
    }
  }
  if (images[0].elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat("sum of images of shape ",
                                                   images[0].ToString(),
                                                   ", which have no elements"));
  }
  return images[0];
}

absl::StatusOr<Cost> AddCost(absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, AddShape(images));
  const int64_t inputs = static_cast<int64_t>(images.size());
  int64_t read;
  if (__builtin_mul_overflow(output.elements(), inputs, &read)) {
    read = std::numeric_limits<int64_t>::max();
  }
  Cost cost;
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = read, .output = output.elements()}, cost));
  cost.other_operations = output.elements() * (inputs - 1);
  return cost;
}

}  // namespace lenslet
