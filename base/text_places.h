// Converts between offsets in a text and places: lines and columns.

#ifndef LENSLET_BASE_TEXT_PLACES_H_
#define LENSLET_BASE_TEXT_PLACES_H_

#include <compare>
#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace lenslet {

// A place in a text. Lines and columns start at 1; a column is a byte, and a
// tab advances to the next multiple of 8 columns. 0 means that the place is
// unknown.
struct TextPlace {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const TextPlace& a, const TextPlace& b) = default;
};

// The places of one text. Takes time in proportion to the text when made, and
// next to none for each conversion.
class TextPlaces {
 public:
  explicit TextPlaces(absl::string_view text = "");

  // The offset of a known place. Places after the end of a line are there;
  // those after the last line are at the end of the text.
  size_t OffsetOf(const TextPlace& place) const;

  // The place of an offset, at most the size of the text.
  TextPlace PlaceOf(size_t offset) const;

 private:
  struct Tab {
    size_t offset;
    int column;  // Of the next character, from 0.
  };

  std::vector<size_t> lines_;  // Where each begins.
  std::vector<Tab> tabs_;
  size_t size_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_PLACES_H_
