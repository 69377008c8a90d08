#include "lenslet/data/csv_labels.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

namespace {

// A whole number below kMaxClasses, without a sign.
std::optional<int32_t> ParseClassNumber(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  int32_t number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
    if (number >= kMaxClasses) return std::nullopt;
  }
  return number;
}

}  // namespace

absl::Status CsvValueError(const CsvPlace& place, absl::string_view value,
                           absl::string_view expected) {
  constexpr size_t kMaxShown = 40;
  return absl::InvalidArgumentError(absl::StrCat(
      place.path, ":", place.line, ": column ", place.column + 1,
      place.name.empty() ? ""
                         : absl::StrCat(" (\"", Printable(place.name), "\")"),
      " is \"", absl::CHexEscape(value.substr(0, kMaxShown)),
      value.size() > kMaxShown ? "...\"" : "\"", "; expected ", expected));
}

absl::Status CsvColumnsError(const std::string& path, int64_t line,
                             size_t columns, size_t expected, char separator) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ":", line, ": has ", columns, columns == 1 ? " column" : " columns",
      ", too ", columns < expected ? "few" : "many", "; expected ", expected,
      ", as in the first line, whose columns are separated by ",
      SeparatorName(separator)));
}

absl::StatusOr<absl::string_view> UnquoteCsvCell(const CsvPlace& place,
                                                 absl::string_view text,
                                                 std::string& room) {
  if (const auto inner = UnquotedCell(text, room)) return *inner;
  return CsvValueError(place, absl::StripAsciiWhitespace(text),
                       "quotation marks only at both ends, and doubled "
                       "between them");
}

absl::StatusOr<uint8_t> ParseCsvByte(const CsvPlace& place,
                                     absl::string_view text) {
  if (const std::optional<uint8_t> pixel = ParseByte(text)) return *pixel;
  std::string room;
  LENSLET_ASSIGN_OR_RETURN(text, UnquoteCsvCell(place, text, room));
  if (const std::optional<uint8_t> pixel = ParseByte(text)) return *pixel;
  return CsvValueError(
      place, text,
      absl::StrCat("a whole number from 0 to 255",
                   place.line == 1 ? " (a header needs has_header)" : ""));
}

absl::StatusOr<int32_t> CsvLabels::Parse(const CsvPlace& place,
                                         absl::string_view text) {
  std::string room;
  LENSLET_ASSIGN_OR_RETURN(text, UnquoteCsvCell(place, text, room));
  if (!class_names_.empty()) return Find(place, text);
  const bool is_number = LooksLikeNumber(text);
  if (first_line_ == 0) {
    first_line_ = place.line;
    are_numbers_ = is_number;
  }
  if (text.empty()) {
    return CsvValueError(place, text,
                         "a label; fill the cell, or take the row out of the "
                         "file; where a row may have several labels or none, "
                         "the target is classes");
  }
  if (is_number != are_numbers_) {
    return CsvValueError(
        place, text,
        absl::StrCat(are_numbers_ ? "a number" : "a word that is not a number",
                     ", like the label in line ", first_line_));
  }
  return is_number ? ParseNumber(place, text) : ParseWord(place, text);
}

// Returns the classes' names, and makes `labels`, which Parse() returned,
// their indices.
std::vector<std::string> CsvLabels::Finish(absl::Span<int32_t> labels) const {
  if (!class_names_.empty()) {
    return {class_names_.begin(), class_names_.end()};
  }
  std::vector<std::string> names;
  if (are_numbers_) {
    for (int i = 0; i <= largest_; ++i) names.push_back(absl::StrCat(i));
    return names;
  }
  std::vector<int32_t> index(words_.size());
  for (const auto& [word, number] : words_) {
    index[number] = static_cast<int32_t>(names.size());
    names.push_back(word);
  }
  for (int32_t& label : labels) label = index[label];
  return names;
}

absl::StatusOr<int32_t> CsvLabels::Find(const CsvPlace& place,
                                        absl::string_view text) {
  // Numbers may begin with zeros.
  const std::optional<int32_t> number = ParseClassNumber(text);
  const std::string name =
      number.has_value() ? absl::StrCat(*number) : std::string(text);
  if (indices_.empty()) {
    for (size_t i = 0; i < class_names_.size(); ++i) {
      indices_.emplace(class_names_[i], static_cast<int32_t>(i));
    }
  }
  const auto found = indices_.find(name);
  if (found == indices_.end()) {
    return CsvValueError(place, text,
                         absl::StrCat("one of the ", class_names_.size(),
                                      " classes of the training examples, \"",
                                      class_names_.front(), "\" to \"",
                                      class_names_.back(), "\""));
  }
  return found->second;
}

absl::StatusOr<int32_t> CsvLabels::ParseNumber(const CsvPlace& place,
                                               absl::string_view text) {
  const std::optional<int32_t> number = ParseClassNumber(text);
  if (!number.has_value()) {
    return CsvValueError(
        place, text,
        absl::StrCat("a label that is a whole number from 0 to ",
                     kMaxClasses - 1));
  }
  largest_ = std::max(largest_, *number);
  return *number;
}

absl::StatusOr<int32_t> CsvLabels::ParseWord(const CsvPlace& place,
                                             absl::string_view text) {
  if (const auto found = words_.find(text); found != words_.end()) {
    return found->second;
  }
  if (!IsValidUtf8(text)) {
    return CsvValueError(place, text,
                         "a label that is UTF-8; save the file as UTF-8");
  }
  if (words_.size() == kMaxClasses) {
    return CsvValueError(
        place, text,
        absl::StrCat("one of the ", kMaxClasses,
                     " labels above it, the most that a file may have"));
  }
  const auto number = static_cast<int32_t>(words_.size());
  words_.emplace(text, number);
  return number;
}

}  // namespace lenslet
