// Plain-text tables for people.

#ifndef LENSLET_BASE_TEXT_TABLE_H_
#define LENSLET_BASE_TEXT_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

enum class Align : uint8_t { kLeft, kRight };

// Returns one line per row, each ending in '\n'. Each column is as wide as its
// widest cell, and two spaces separate columns. `columns` sets how narrower
// cells are aligned. No line ends in a space. A cell's width is its number of
// characters. Cells pass through Printable(), so they are safe to print. Aborts
// unless each row has one cell per column.
std::string TextTable(absl::Span<const Align> columns,
                      absl::Span<const std::vector<std::string>> rows);

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_TABLE_H_
