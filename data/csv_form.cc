#include "lenslet/data/csv_form.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/line_reader.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxGuessRows = 1000;
constexpr int64_t kMaxGuessBytes = int64_t{64} << 20;
constexpr int64_t kMaxGuessLineBytes = int64_t{16} << 20;

// A cell without blanks and quotation marks, or as it stands if it has some
// within.
absl::string_view Content(absl::string_view cell) {
  return UnquotedCell(cell).value_or(cell);
}

bool IsWord(absl::string_view content) {
  return !content.empty() && !LooksLikeNumber(content);
}

// What rows have in one column.
struct Column {
  std::string first;
  // Of the rows of values: not of a header.
  bool has_numbers = false;
  bool has_words = false;
  bool has_others_than_bytes = false;
  std::bitset<256> bytes;

  void Add(absl::string_view content) {
    if (const std::optional<uint8_t> byte = ParseByte(content)) {
      has_numbers = true;
      bytes.set(*byte);
      return;
    }
    has_others_than_bytes = true;
    has_words |= IsWord(content);
    has_numbers |= LooksLikeNumber(content);
  }

  int largest_byte() const {
    for (int i = 255; i > 0; --i) {
      if (bytes[i]) return i;
    }
    return 0;
  }

  // Whether it may hold the labels.
  bool has_several_bytes() const {
    return !has_others_than_bytes && bytes.count() >= 2;
  }
};

absl::Status CheckFirstLine(const std::string& path, absl::string_view line) {
  if (line.find('\0') != line.npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not text; expected a CSV file or a folder"));
  }
  if (line.find(',') != line.npos) return absl::OkStatus();
  const absl::string_view separator = line.find(';') != line.npos ? "semicolons"
                                      : line.find('\t') != line.npos ? "tabs"
                                                                     : "";
  return absl::InvalidArgumentError(absl::StrCat(
      path, ":1: has no commas", separator.empty() ? "" : " but ", separator,
      "; expected a label and pixels, separated by commas"));
}

// The columns of the first rows. Rows of other lengths are left to LoadCsv().
absl::StatusOr<std::vector<Column>> ReadColumns(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(LineReader reader,
                           LineReader::Open(path, kMaxGuessLineBytes));
  std::vector<Column> columns;
  int64_t bytes = 0;
  while (reader.number() < kMaxGuessRows && bytes < kMaxGuessBytes) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) break;
    absl::string_view line = reader.line();
    bytes += static_cast<int64_t>(line.size());
    if (reader.number() == 1) {
      line = absl::StripPrefix(line, "\xef\xbb\xbf");
      if (absl::StripAsciiWhitespace(line).empty()) break;
      LENSLET_RETURN_IF_ERROR(CheckFirstLine(path, line));
      for (const absl::string_view cell : absl::StrSplit(line, ',')) {
        columns.push_back({.first = std::string(Content(cell)), .bytes = {}});
      }
      continue;
    }
    const std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
    if (cells.size() != columns.size()) continue;
    for (size_t i = 0; i < cells.size(); ++i) {
      columns[i].Add(Content(cells[i]));
    }
  }
  if (columns.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     ": its first line is empty; expected a label and pixels, "
                     "separated by commas"));
  }
  return columns;
}

bool IsLabelName(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  for (const absl::string_view known :
       {"label", "labels", "class", "target", "category", "digit", "y"}) {
    if (lower == known) return true;
  }
  return false;
}

absl::StatusOr<int64_t> GuessLabelColumn(const std::string& path,
                                         bool has_header,
                                         const std::vector<Column>& columns) {
  std::vector<int64_t> words;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (has_header && IsLabelName(columns[i].first)) return i;
    if (columns[i].has_words) words.push_back(static_cast<int64_t>(i));
  }
  if (words.size() == 1) return words[0];
  if (words.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": columns ", words[0] + 1, " and ", words[1] + 1,
        words.size() > 2 ? " and others" : "",
        " have words; expected one column of labels, and whole numbers from 0 "
        "to 255 in all others"));
  }
  const Column& first = columns.front();
  const Column& last = columns.back();
  const bool is_last =
      last.has_several_bytes() && (!first.has_several_bytes() ||
                                   last.largest_byte() < first.largest_byte());
  return is_last ? static_cast<int64_t>(columns.size()) - 1 : 0;
}

Shape GuessShape(int64_t pixels) {
  for (const int64_t channels : {1, 3}) {
    if (pixels % channels != 0) continue;
    const auto side = static_cast<int64_t>(
        std::lround(std::sqrt(static_cast<double>(pixels / channels))));
    // One row of one pixel is no image.
    if (side > 1 && side * side * channels == pixels) {
      return {side, side, channels};
    }
  }
  return {pixels};
}

}  // namespace

absl::StatusOr<CsvForm> GuessCsvForm(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(std::vector<Column> columns, ReadColumns(path));
  CsvForm form = {.columns = static_cast<int64_t>(columns.size())};
  form.has_header =
      std::any_of(columns.begin(), columns.end(), [](const Column& column) {
        return IsWord(column.first) && column.has_numbers && !column.has_words;
      });
  if (!form.has_header) {
    for (Column& column : columns) column.Add(column.first);
  }
  LENSLET_ASSIGN_OR_RETURN(form.label_column,
                           GuessLabelColumn(path, form.has_header, columns));
  form.image_shape = GuessShape(form.columns - 1);
  return form;
}

}  // namespace lenslet
