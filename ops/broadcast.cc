#include "lenslet/ops/broadcast.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/text_format.h"

namespace lenslet {

absl::StatusOr<Shape> BroadcastShape(absl::string_view operation,
                                     absl::Span<const Shape> images) {
  if (images.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", CountText(images.size(), "input"), "; expected at least 2"));
  }
  const int rank = images[0].rank();
  std::vector<int64_t> sizes(images[0].dims().begin(), images[0].dims().end());
  for (size_t i = 1; i < images.size(); ++i) {
    bool fits = images[i].rank() == rank;
    for (int axis = 0; fits && axis < rank; ++axis) {
      const int64_t size = images[i].dim(axis);
      fits = size == sizes[axis] || size == 1 || sizes[axis] == 1;
      if (sizes[axis] == 1) sizes[axis] = size;
    }
    if (!fits) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " has shape ", images[i].ToString(), "; expected ",
          images[0].ToString(), ", the shape of input 0"));
    }
  }
  absl::StatusOr<Shape> output = Shape::Create(sizes);
  if (output.ok() && output->elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(operation, " of images of shape ", output->ToString(),
                     ", which have no elements"));
  }
  return output;
}

bool RepeatsPositions(absl::Span<const Shape> images) {
  for (const Shape& image : images) {
    for (int axis = 0; axis + 1 < image.rank(); ++axis) {
      if (image.dim(axis) != images[0].dim(axis)) return true;
    }
  }
  return false;
}

BroadcastPlan::BroadcastPlan(absl::Span<const Shape> images)
    : strides_(images.size()) {
  const int rank = images[0].rank();
  std::vector<std::vector<bool>> repeats;  // Of the axes that are kept.
  sizes_.clear();
  for (int axis = 0; axis < rank; ++axis) {
    int64_t size = 1;
    for (const Shape& image : images) size = std::max(size, image.dim(axis));
    if (size == 1) continue;
    std::vector<bool> repeated;
    for (const Shape& image : images) repeated.push_back(image.dim(axis) == 1);
    if (!repeats.empty() && repeats.back() == repeated) {
      sizes_.back() *= size;
    } else {
      sizes_.push_back(size);
      repeats.push_back(std::move(repeated));
    }
    output_elements_ *= size;
  }
  if (sizes_.empty()) {
    sizes_.push_back(1);
    repeats.emplace_back(images.size(), false);
  }
  for (size_t i = 0; i < images.size(); ++i) {
    strides_[i].resize(sizes_.size());
    int64_t stride = 1;
    for (int axis = static_cast<int>(sizes_.size()) - 1; axis >= 0; --axis) {
      strides_[i][axis] = repeats[axis][i] ? 0 : stride;
      if (!repeats[axis][i]) stride *= sizes_[axis];
    }
    elements_.push_back(stride);
    is_trivial_ &= stride == output_elements_;
  }
}

}  // namespace lenslet
