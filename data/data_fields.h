// Errors about the fields of a DataProto (data/data.proto), and parsing of its
// shapes.

#ifndef LENSLET_DATA_DATA_FIELDS_H_
#define LENSLET_DATA_DATA_FIELDS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// "data.FIELD is required"
absl::Status MissingDataField(absl::string_view field);

// "data.FIELD is VALUE; expected a number in RANGE"
template <typename T>
absl::Status DataFieldOutOfRange(absl::string_view field, T value,
                                 absl::string_view range) {
  return absl::InvalidArgumentError(absl::StrCat(
      "data.", field, " is ", value, "; expected a number in ", range));
}

// Prefixes the error message with "data.FIELD".
absl::Status InDataField(absl::string_view field, const absl::Status& status);

// Returns the shape of one example. Errors: InvalidArgument, naming the field,
// for a shape without elements or with too many dimensions.
absl::StatusOr<Shape> ReadDataShape(absl::string_view field,
                                    const std::vector<int64_t>& sizes);

}  // namespace lenslet

#endif  // LENSLET_DATA_DATA_FIELDS_H_
