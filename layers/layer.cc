#include "layers/layer.h"

#include "absl/strings/str_cat.h"

namespace lenslet {

absl::Status CheckOneInput(absl::Span<const Shape> inputs) {
  if (inputs.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", inputs.size(), " inputs, expected 1"));
  }
  return absl::OkStatus();
}

}  // namespace lenslet
