// Breaks text into lines.

#ifndef LENSLET_BASE_WRAP_TEXT_H_
#define LENSLET_BASE_WRAP_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the words of `text`, which spaces separate, in lines of at most
// `width` characters that each end in '\n'. The first line starts with `first`,
// the others with `next`. A longer word has a line to itself.
std::string WrapText(absl::string_view text, absl::string_view first,
                     absl::string_view next, int64_t width = 80);

}  // namespace lenslet

#endif  // LENSLET_BASE_WRAP_TEXT_H_
