#include "lenslet/base/text_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/utf8.h"

namespace lenslet {

std::string TextTable(absl::Span<const Align> columns,
                      absl::Span<const std::vector<std::string>> rows) {
  std::vector<int64_t> widths(columns.size());
  std::vector<std::vector<std::string>> cells;
  for (const std::vector<std::string>& row : rows) {
    LENSLET_CHECK(row.size() == columns.size());
    cells.emplace_back();
    for (size_t c = 0; c < columns.size(); ++c) {
      cells.back().push_back(Printable(row[c]));
      widths[c] = std::max(widths[c], CountCharacters(cells.back()[c]));
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (size_t c = 0; c < columns.size(); ++c) {
      const bool right = columns[c] == Align::kRight;
      const std::string padding(widths[c] - CountCharacters(row[c]), ' ');
      absl::StrAppend(&line, c == 0 ? "" : "  ", right ? padding : "", row[c],
                      right ? "" : padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace lenslet
