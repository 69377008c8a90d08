// Tables for people.

#ifndef LENSLET_BASE_TEXT_TABLE_H_
#define LENSLET_BASE_TEXT_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

enum class Align : uint8_t { kLeft, kRight };

// One line for each row, ending in '\n', with columns as wide as their widest
// cell and two spaces apart; no line ends in a space. `columns` says where a
// narrower cell stands. Cells are as wide as they have characters, and safe to
// print: they go through Printable(). Each row has as many as there are
// columns, or the call aborts.
std::string TextTable(absl::Span<const Align> columns,
                      absl::Span<const std::vector<std::string>> rows);

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_TABLE_H_
