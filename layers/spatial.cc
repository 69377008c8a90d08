#include "lenslet/layers/spatial.h"

#include "absl/strings/str_cat.h"

namespace lenslet::layers {
namespace {

absl::string_view ImageLayout(int rank) {
  switch (rank) {
    case 1:
      return "[length, channels]";
    case 2:
      return "[height, width, channels]";
    default:
      return "[depth, height, width, channels]";
  }
}

}  // namespace

absl::Status CheckDimensions(absl::string_view type, int rank,
                             const Axes& kernel, const Shape& image) {
  if (kernel.rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel ", kernel.ToString(), " has ", kernel.rank(),
                     " numbers, ", type, " needs ", rank));
  }
  if (image.rank() != rank + 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", image.ToString(), ", ", type,
                     " expects ", ImageLayout(rank)));
  }
  return absl::OkStatus();
}

}  // namespace lenslet::layers
