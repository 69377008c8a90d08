// Says in an error where it happened.

#ifndef LENSLET_BASE_AT_PLACE_H_
#define LENSLET_BASE_AT_PLACE_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the status with "PLACE: " before its message, such as the path of a
// file. OK stays OK.
inline absl::Status AtPlace(const absl::Status& status,
                            absl::string_view place) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(place, ": ", status.message()));
}

}  // namespace lenslet

#endif  // LENSLET_BASE_AT_PLACE_H_
