// Classes that are named by their indices.

#ifndef LENSLET_DATA_CLASS_INDICES_H_
#define LENSLET_DATA_CLASS_INDICES_H_

#include <string>

#include "absl/types/span.h"

namespace lenslet {

// Whether these are the names that classes without names have: "0", "1", ...
// Also if there are none.
bool AreIndices(absl::Span<const std::string> names);

// Whether one of two sets of classes has only indices for names, so that its
// classes may be those of the other in the same order. Other numbers, such as
// -1 and 1, are names that differ from indices.
bool OnlyOneHasNames(absl::Span<const std::string> a,
                     absl::Span<const std::string> b);

}  // namespace lenslet

#endif  // LENSLET_DATA_CLASS_INDICES_H_
