#include "lenslet/base/text_places.h"

#include <algorithm>

namespace lenslet {
namespace {

constexpr int kTabWidth = 8;

}  // namespace

TextPlaces::TextPlaces(absl::string_view text) : lines_{0}, size_(text.size()) {
  int column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      lines_.push_back(i + 1);
      column = 0;
    } else if (text[i] == '\t') {
      column += kTabWidth - column % kTabWidth;
      tabs_.push_back({.offset = i, .column = column});
    } else {
      ++column;
    }
  }
}

size_t TextPlaces::OffsetOf(const TextPlace& place) const {
  const size_t line = place.line - 1;
  if (line >= lines_.size()) return size_;
  const size_t begin = lines_[line];
  const size_t end = line + 1 < lines_.size() ? lines_[line + 1] - 1 : size_;
  const auto before = [](const Tab& tab, size_t offset) {
    return tab.offset < offset;
  };
  const auto first =
      std::lower_bound(tabs_.begin(), tabs_.end(), begin, before);
  const auto last = std::lower_bound(first, tabs_.end(), end, before);
  const int column = place.column - 1;
  // The first tab that ends after the column.
  const auto next = std::upper_bound(
      first, last, column,
      [](int value, const Tab& tab) { return value < tab.column; });
  const size_t offset =
      next == first ? begin + column
                    : (next - 1)->offset + 1 + column - (next - 1)->column;
  // A column inside a tab is that after it.
  if (next != last && offset > next->offset) return next->offset + 1;
  return std::min(offset, end);
}

TextPlace TextPlaces::PlaceOf(size_t offset) const {
  const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - 1;
  const auto tab =
      std::lower_bound(tabs_.begin(), tabs_.end(), offset,
                       [](const Tab& t, size_t o) { return t.offset < o; });
  int column = static_cast<int>(offset - *line);
  if (tab != tabs_.begin() && (tab - 1)->offset >= *line) {
    column =
        (tab - 1)->column + static_cast<int>(offset - (tab - 1)->offset - 1);
  }
  return {.line = static_cast<int>(line - lines_.begin()) + 1,
          .column = column + 1};
}

}  // namespace lenslet
