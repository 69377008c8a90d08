#include "lenslet/data/data_fields.h"

namespace lenslet {

absl::Status MissingDataField(absl::string_view field) {
  return absl::InvalidArgumentError(
      absl::StrCat("data.", field, " is required"));
}

absl::Status InDataField(absl::string_view field, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("data.", field, status.message()));
}

absl::StatusOr<Shape> ReadDataShape(absl::string_view field,
                                    const std::vector<int64_t>& sizes) {
  absl::StatusOr<Shape> shape = Shape::Create(sizes);
  if (!shape.ok())
    return InDataField(absl::StrCat(field, ": "), shape.status());
  if (shape->rank() == Shape::kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data.", field, " is ", shape->ToString(), "; expected at most ",
        Shape::kMaxRank - 1, " dimensions"));
  }
  if (shape->elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.", field, " is ", shape->ToString(),
                     "; expected at least one element"));
  }
  return shape;
}

}  // namespace lenslet
