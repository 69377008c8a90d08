// The values of a CSV file, as data/csv.h reads them.

#ifndef LENSLET_DATA_CSV_CELL_H_
#define LENSLET_DATA_CSV_CELL_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns `text` without blanks and quotation marks around it; nullopt if it
// has quotation marks elsewhere.
std::optional<absl::string_view> UnquotedCell(absl::string_view text);

// Returns the number that `text` is, if it is a whole one from 0 to 255 without
// a sign.
std::optional<uint8_t> ParseByte(absl::string_view text);

// Whether `text` is a number, which need not be whole nor in any range. "nan"
// and "inf" are not numbers, but words.
bool LooksLikeNumber(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_CELL_H_
