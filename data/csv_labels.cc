#include "lenslet/data/csv_labels.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

std::vector<std::string> NotesOfMissingLabels(
    absl::Span<const std::string> names) {
  std::vector<std::string> notes;
  for (const std::string& name : names) {
    const std::string lower = absl::AsciiStrToLower(name);
    for (const absl::string_view missing :
         {"nan", "na", "n/a", "<na>", "null", "?"}) {
      if (lower != missing) continue;
      notes.push_back(absl::StrCat(
          "\"", Printable(name),
          "\" is a class or label as others are; if it means that none is "
          "known, take its rows out of the file"));
    }
  }
  return notes;
}

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

std::vector<std::string> CsvLabels::Finish(absl::Span<int32_t> labels) const {
  if (!class_names_.empty()) {
    return {class_names_.begin(), class_names_.end()};
  }
  std::vector<std::string> names;
  std::vector<int32_t> index(words_.size() + numbers_.size());
  for (const auto& [word, number] : words_) {
    index[number] = static_cast<int32_t>(names.size());
    names.push_back(word);
  }
  std::vector<int64_t> labels_that_occur;
  for (const auto& [value, seen] : numbers_) labels_that_occur.push_back(value);
  for (const int64_t value : ClassNumbers(labels_that_occur)) {
    const auto seen = numbers_.find(value);
    if (seen != numbers_.end()) {
      index[seen->second.number] = static_cast<int32_t>(names.size());
    }
    names.push_back(absl::StrCat(value));
  }
  for (int32_t& label : labels) label = index[label];
  return names;
}

absl::StatusOr<int32_t> CsvLabels::Find(const CsvPlace& place,
                                        absl::string_view text) {
  if (indices_.empty()) {
    for (size_t i = 0; i < class_names_.size(); ++i) {
      indices_.emplace(class_names_[i], static_cast<int32_t>(i));
    }
  }
  auto found = indices_.find(text);
  if (found == indices_.end()) {
    // Written in another way, such as "01" and "1.0".
    if (const std::optional<CsvWholeNumber> number = ParseWholeNumber(text)) {
      found = indices_.find(absl::StrCat(number->value));
    }
  }
  if (found == indices_.end()) {
    return CsvValueError(place, text,
                         absl::StrCat("one of the ", class_names_.size(),
                                      " classes of the training examples: ",
                                      ClassNameList(class_names_)));
  }
  return found->second;
}

absl::StatusOr<int32_t> CsvLabels::ParseNumber(const CsvPlace& place,
                                               absl::string_view text) {
  const std::optional<CsvWholeNumber> number = ParseWholeNumber(text);
  if (!number.has_value()) {
    return CsvValueError(
        place, text,
        "a label that is a word or a whole number of up to 18 digits; for "
        "numbers that are no classes, data.target.value names the column");
  }
  const auto found = numbers_.find(number->value);
  if (found == numbers_.end()) {
    if (numbers_.size() == kMaxClasses) {
      return CsvValueError(
          place, text,
          absl::StrCat("one of the ", kMaxClasses,
                       " labels above it, the most that a file may have; for "
                       "numbers that are no classes, data.target.value names "
                       "the column"));
    }
    const auto order = static_cast<int32_t>(numbers_.size());
    numbers_.emplace(number->value,
                     SeenNumber{.number = order,
                                .digits = std::string(number->digits),
                                .line = place.line});
    return order;
  }
  const SeenNumber& seen = found->second;
  if (seen.digits == number->digits) return seen.number;
  return CsvValueError(
      place, text,
      absl::StrCat("\"", seen.digits,
                   "\", as the same number is written in line ", seen.line,
                   "; if they are two classes, make them words, such "
                   "as \"class ",
                   number->digits, "\""));
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
