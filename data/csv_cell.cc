#include "lenslet/data/csv_cell.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace lenslet {

std::optional<absl::string_view> UnquotedCell(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.find('"') == text.npos) return text;
  absl::string_view inner = text;
  if (text.size() < 2 || !absl::ConsumePrefix(&inner, "\"") ||
      !absl::ConsumeSuffix(&inner, "\"") || inner.find('"') != inner.npos) {
    return std::nullopt;
  }
  return inner;
}

std::optional<uint8_t> ParseByte(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<uint8_t>::max()) return std::nullopt;
  }
  return static_cast<uint8_t>(value);
}

bool LooksLikeNumber(absl::string_view text) {
  double value;
  return std::any_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtod(text, &value);
}

}  // namespace lenslet
