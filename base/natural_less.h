// The order of names with numbers in them, as people count.

#ifndef LENSLET_BASE_NATURAL_LESS_H_
#define LENSLET_BASE_NATURAL_LESS_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Whether `a` comes before `b`, where numbers in names compare by their value:
// "img2" before "img10". Names that differ only in zeros before a number
// compare by bytes.
bool NaturalLess(absl::string_view a, absl::string_view b);

}  // namespace lenslet

#endif  // LENSLET_BASE_NATURAL_LESS_H_
