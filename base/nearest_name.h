// "Did you mean": the known name that a mistyped one stands for.

#ifndef LENSLET_BASE_NEAREST_NAME_H_
#define LENSLET_BASE_NEAREST_NAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// Returns the entry of `known` with the fewest inserted, deleted and replaced
// letters between it and `name`, whatever the case of the letters, the first of
// several; "" if none is within a third of `name`'s length, at least one.
std::string NearestName(absl::string_view name,
                        absl::Span<const std::string> known);

// Returns "; did you mean \"NAME\"?", or "" where NearestName() finds none: the
// end of an error message.
std::string DidYouMean(absl::string_view name,
                       absl::Span<const std::string> known);

}  // namespace lenslet

#endif  // LENSLET_BASE_NEAREST_NAME_H_
