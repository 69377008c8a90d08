// "Did you mean": finds the known name closest to a mistyped one.

#ifndef LENSLET_BASE_NEAREST_NAME_H_
#define LENSLET_BASE_NEAREST_NAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// Returns the entry of `known` with the smallest edit distance (insertions,
// deletions, replacements, and swaps of neighbors) to `name`, ignoring case;
// the first one on a tie. Returns "" if no distance is within max(1, a third of
// `name`'s length).
std::string NearestName(absl::string_view name,
                        absl::Span<const std::string> known);

// Returns "; did you mean \"NAME\"?" for the end of an error message, or "" if
// NearestName() finds none.
std::string DidYouMean(absl::string_view name,
                       absl::Span<const std::string> known);

// Returns "one of \"conv1\", \"conv2\" and 7 others" for the end of an error
// message: at most 10 of `known`, those of the smallest edit distance to `name`
// first; "none" if there are none. Names are escaped for a terminal and
// shortened to 40 characters.
std::string OneOfNames(absl::string_view name,
                       absl::Span<const std::string> known);

// DidYouMean(), or "; expected one of ..." as OneOfNames() if there is no near
// name.
std::string DidYouMeanOneOf(absl::string_view name,
                            absl::Span<const std::string> known);

}  // namespace lenslet

#endif  // LENSLET_BASE_NEAREST_NAME_H_
