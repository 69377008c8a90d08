#include "lenslet/data/csv_form.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/csv_rows.h"
#include "lenslet/data/dataset.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxGuessRows = 1000;
constexpr int64_t kMaxGuessBytes = int64_t{64} << 20;
constexpr int64_t kMaxGuessLineBytes = int64_t{16} << 20;

// A cell without blanks and quotation marks, or as it stands if it has wrong
// ones. May refer to `room`.
absl::string_view Content(absl::string_view cell, std::string& room) {
  return UnquotedCell(cell, room).value_or(cell);
}

bool IsWord(absl::string_view content) {
  return !content.empty() && !LooksLikeNumber(content);
}

// What rows have in one column.
struct Column {
  std::string first;
  bool first_recurs = false;
  // Of the rows of values: not of a header.
  bool has_numbers = false;
  bool has_words = false;
  int64_t rows = 0;
  int64_t others_than_bytes = 0;
  bool has_fractions = false;
  // Whether each row has the value of the row before and 1. `second`
  // is the value of the first row after the first line.
  bool counts = true;
  int64_t second = 0;
  int64_t next = 0;
  std::bitset<256> bytes;

  // The first row, after all others.
  void AddFirst() {
    int64_t value = 0;
    counts &= absl::SimpleAtoi(first, &value) && value + 1 == second;
    const bool counts_all = counts;
    Add(first);
    counts = counts_all;
  }

  void Add(absl::string_view content) {
    int64_t value = 0;
    counts &= absl::SimpleAtoi(content, &value) && (rows == 0 || value == next);
    if (rows == 0) second = value;
    next = value + 1;
    ++rows;
    first_recurs |= content == first;
    if (const std::optional<uint8_t> byte = ParseByte(content)) {
      has_numbers = true;
      bytes.set(*byte);
      return;
    }
    ++others_than_bytes;
    has_words |= IsWord(content);
    has_numbers |= LooksLikeNumber(content);
    has_fractions |=
        LooksLikeNumber(content) && !absl::SimpleAtoi(content, &value);
  }

  int largest_byte() const {
    for (int i = 255; i > 0; --i) {
      if (bytes[i]) return i;
    }
    return 0;
  }

  bool is_mostly_others() const { return 2 * others_than_bytes > rows; }

  // Whether it may hold the labels.
  bool has_several_bytes() const {
    return others_than_bytes == 0 && bytes.count() >= 2;
  }

  // Whether the bytes are all from 0 or 1 to the largest, as labels are.
  bool has_no_gaps() const {
    return static_cast<int>(bytes.count()) + !bytes[0] == largest_byte() + 1;
  }

  // Whether it numbers the rows, which pixels do by chance only in few rows.
  bool counts_rows() const { return counts && rows >= 4; }
};

absl::Status CheckColumns(const CsvRowReader& reader, const std::string& path,
                          size_t columns) {
  if (columns > 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      columns == 0
          ? absl::StrCat(path,
                         ": is empty; expected rows of columns, separated by "
                         "commas")
          : absl::StrCat(path, ":", reader.number(),
                         ": has no commas, tabs, semicolons or bars; expected "
                         "columns that one of them separates"));
}

// The columns of the first rows. Rows of other lengths are left to LoadCsv().
absl::StatusOr<std::vector<Column>> ReadColumns(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(
      CsvRowReader reader,
      CsvRowReader::Open(path, std::nullopt, kMaxGuessLineBytes));
  std::vector<Column> columns;
  std::string room;
  int64_t bytes = 0;
  while (reader.number() < kMaxGuessRows && bytes < kMaxGuessBytes) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) break;
    const absl::string_view row = reader.row();
    bytes += static_cast<int64_t>(row.size());
    const std::vector<absl::string_view> cells =
        SplitCells(row, reader.separator());
    if (columns.empty()) {
      LENSLET_RETURN_IF_ERROR(CheckColumns(reader, path, cells.size()));
      for (const absl::string_view cell : cells) {
        columns.push_back(
            {.first = std::string(Content(cell, room)), .bytes = {}});
      }
      continue;
    }
    if (cells.size() != columns.size()) continue;
    for (size_t i = 0; i < cells.size(); ++i) {
      columns[i].Add(Content(cells[i], room));
    }
  }
  if (columns.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckColumns(reader, path, 0));
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
  const auto last_column = static_cast<int64_t>(columns.size()) - 1;
  if (first.counts_rows()) return last_column;
  // More labels than bytes.
  if (first.others_than_bytes > 0) return 0;
  if (last.others_than_bytes > 0) return last_column;
  if (!first.has_several_bytes()) {
    // A pixel at the edge, or the label of the only class.
    return last.has_several_bytes() && last.has_no_gaps() ? last_column : 0;
  }
  const bool is_last =
      last.has_several_bytes() && last.largest_byte() < first.largest_byte();
  return is_last ? last_column : 0;
}

// "column 1 (\"id\")"
std::string NameOf(int64_t column, bool has_header,
                   const std::vector<Column>& columns) {
  return absl::StrCat(
      "column ", column + 1,
      has_header ? absl::StrCat(" (\"", Printable(columns[column].first), "\")")
                 : "");
}

// That no column but that of the labels is something else than pixels. Of
// single values, and where several columns are, LoadCsv() says so.
absl::Status CheckPixels(const std::string& path, const CsvForm& form,
                         const std::vector<Column>& columns) {
  std::vector<int64_t> others;
  for (int64_t i = 0; i < form.columns; ++i) {
    if (i == form.label_column || i == form.number_column) continue;
    if (columns[i].is_mostly_others() && columns[i].has_numbers) {
      others.push_back(i);
    }
  }
  if (others.size() != 1 || form.columns < 3) return absl::OkStatus();
  const int64_t other = others[0];
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", NameOf(other, form.has_header, columns),
      " is not a pixel: it has values other than whole numbers from 0 to 255"
      "; expected only the label, in ",
      NameOf(form.label_column, form.has_header, columns),
      ", and pixels; take it out of the file"));
}

// That numbers in the column of labels are not too many.
absl::Status CheckClasses(const std::string& path, const CsvForm& form) {
  LENSLET_ASSIGN_OR_RETURN(
      CsvRowReader reader,
      CsvRowReader::Open(path, std::nullopt, kMaxGuessLineBytes));
  // Enough to say how many there are.
  constexpr size_t kMostLabels = 1000000;
  std::set<int64_t> labels;
  std::string room;
  while (labels.size() < kMostLabels) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) break;
    const std::vector<absl::string_view> cells =
        SplitCells(reader.row(), reader.separator());
    int64_t label = 0;
    if (static_cast<int64_t>(cells.size()) == form.columns &&
        absl::SimpleAtoi(Content(cells[form.label_column], room), &label)) {
      labels.insert(label);
    }
  }
  if (labels.size() <= kMaxClasses) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": column ", form.label_column + 1, ", that of the labels, has ",
      labels.size() == kMostLabels ? "at least " : "", labels.size(),
      " classes; expected at most ", kMaxClasses));
}

bool EndsInDigit(absl::string_view name) {
  return !name.empty() && absl::ascii_isdigit(name.back());
}

bool LooksLikePixels(const CsvForm& form, const std::vector<Column>& columns) {
  const Column& label = columns[form.label_column];
  if (label.has_fractions) return false;
  int64_t inputs = 0, others = 0, pixel_names = 0, numbered_names = 0;
  for (int64_t i = 0; i < form.columns; ++i) {
    if (i == form.label_column || i == form.number_column) continue;
    ++inputs;
    others += columns[i].is_mostly_others();
    pixel_names += form.has_header && IsPixelName(columns[i].first);
    numbered_names += EndsInDigit(columns[i].first);
  }
  if (10 * others > inputs) return false;
  if (2 * pixel_names > inputs) return true;
  // Smaller squares are as likely to be the numbers of a table.
  constexpr int64_t kMinSide = 8;
  return form.image_shape.rank() == 3 && form.image_shape.dim(0) >= kMinSide &&
         (!form.has_header || 10 * numbered_names >= 9 * inputs);
}

// Whether the first line numbers the columns; or names some by numbers, and
// others by words that come in no other row.
bool FirstLineNumbers(const std::vector<Column>& columns) {
  std::vector<absl::string_view> cells;
  bool has_word = false, has_new_number = false;
  for (const Column& column : columns) {
    const bool is_word = IsWord(column.first);
    if (is_word && column.first_recurs) return false;
    has_word |= is_word;
    has_new_number |= !is_word && !column.first_recurs;
    cells.push_back(column.first);
  }
  return CountColumns(cells) ||
         (has_word && has_new_number && AreNumbersOfColumns(cells));
}

}  // namespace

bool IsPixelName(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  for (const absl::string_view start : {"pix", "px"}) {
    if (absl::StartsWith(lower, start) && EndsInDigit(lower)) return true;
  }
  const size_t between = lower.find('x');
  return between != lower.npos && between > 0 && between + 1 < lower.size() &&
         std::all_of(lower.begin(), lower.end(),
                     [](char c) { return absl::ascii_isdigit(c) || c == 'x'; });
}

Shape ShapeOfPixels(int64_t pixels) {
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

absl::StatusOr<CsvForm> GuessCsvForm(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(std::vector<Column> columns, ReadColumns(path));
  CsvForm form = {.columns = static_cast<int64_t>(columns.size())};
  if (columns[0].rows == 0 && form.columns > 1 &&
      std::all_of(columns.begin(), columns.end(),
                  [](const Column& column) { return IsWord(column.first); })) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": has a header but no rows; expected a row for each example"));
  }
  form.has_header =
      FirstLineNumbers(columns) ||
      std::any_of(columns.begin(), columns.end(), [](const Column& column) {
        return IsWord(column.first) && column.has_numbers && !column.has_words;
      });
  if (!form.has_header) {
    for (Column& column : columns) column.AddFirst();
  }
  LENSLET_ASSIGN_OR_RETURN(form.label_column,
                           GuessLabelColumn(path, form.has_header, columns));
  if (form.label_column != 0 && form.columns > 2 && columns[0].counts_rows()) {
    form.number_column = 0;
    const bool names_another =
        form.has_header &&
        std::any_of(columns.begin() + 1, columns.end(),
                    [](const Column& column) { return column.first == "0"; });
    form.number_name = names_another ? absl::StrCat(-form.columns) : "0";
  }
  LENSLET_RETURN_IF_ERROR(CheckPixels(path, form, columns));
  if (columns[form.label_column].others_than_bytes > 0 &&
      !columns[form.label_column].has_words) {
    LENSLET_RETURN_IF_ERROR(CheckClasses(path, form));
  }
  form.image_shape =
      ShapeOfPixels(form.columns - (form.number_column.has_value() ? 2 : 1));
  form.looks_like_pixels = LooksLikePixels(form, columns);
  return form;
}

}  // namespace lenslet
