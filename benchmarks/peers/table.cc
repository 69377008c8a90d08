#include "lenslet/benchmarks/peers/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace lenslet::peers {

std::string Table::ToString() const {
  std::vector<size_t> widths(rows_[0].size(), 3);
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (size_t row = 0; row < rows_.size(); ++row) {
    for (size_t i = 0; i < widths.size(); ++i) {
      const std::string gap(widths[i] - rows_[row][i].size(), ' ');
      absl::StrAppend(&text, "| ", i == 0 ? "" : gap, rows_[row][i],
                      i == 0 ? gap : "", " ");
    }
    absl::StrAppend(&text, "|\n");
    if (row > 0) continue;
    for (size_t i = 0; i < widths.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? "|:" : "|-", std::string(widths[i], '-'),
                      i == 0 ? "-" : ":");
    }
    absl::StrAppend(&text, "|\n");
  }
  return text;
}

}  // namespace lenslet::peers
