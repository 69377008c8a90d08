// The error of a value that is out of its range.

#ifndef LENSLET_BASE_BAD_VALUE_H_
#define LENSLET_BASE_BAD_VALUE_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// InvalidArgument: "gamma is 2; expected a number between 0 and 1".
template <typename T>
absl::Status BadValue(absl::string_view field, const T& value,
                      absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, "; expected ", expected));
}

}  // namespace lenslet

#endif  // LENSLET_BASE_BAD_VALUE_H_
