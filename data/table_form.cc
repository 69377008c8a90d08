#include "lenslet/data/table_form.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/line_reader.h"

namespace lenslet {
namespace {

constexpr int64_t kMostRows = 20000;
constexpr int64_t kMostLineBytes = int64_t{16} << 20;

// What the rows have in one column.
struct TableColumn {
  std::string header;
  std::string first_cell;
  int64_t rows = 0;
  int64_t numbers = 0;
  int64_t bytes = 0;
  bool counts = true;  // Each row has the number of the row before and 1.
  int64_t next = 0;
  bool has_decimal_commas = false;
  std::string separator;                     // That some cell of words has.
  std::set<std::string, std::less<>> words;  // At most kMaxClasses + 1.

  void Add(absl::string_view cell) {
    if (rows == 0) first_cell = std::string(cell);
    int64_t value = 0;
    counts &= absl::SimpleAtoi(cell, &value) && (rows == 0 || value == next);
    next = value + 1;
    ++rows;
    const std::string with_point = absl::StrReplaceAll(cell, {{",", "."}});
    if (!LooksLikeNumber(cell) && LooksLikeNumber(with_point)) {
      has_decimal_commas = true;
      ++numbers;
      return;
    }
    numbers += LooksLikeNumber(cell);
    bytes += ParseByte(cell).has_value();
    for (const absl::string_view candidate : {";", "|"}) {
      if (separator.empty() && cell.find(candidate) != cell.npos) {
        separator = std::string(candidate);
      }
    }
    if (words.size() <= kMaxClasses) words.emplace(cell);
  }

  bool has_words() const { return numbers < rows; }
  // Words that may be classes.
  bool may_be_classes() const {
    return has_words() && words.size() >= 2 && words.size() <= kMaxClasses &&
           2 * static_cast<int64_t>(words.size()) <= rows;
  }
  bool is_called(std::initializer_list<absl::string_view> names) const {
    const std::string lower = absl::AsciiStrToLower(header);
    return std::find(names.begin(), names.end(), lower) != names.end();
  }
  bool is_called_label() const {
    return is_called({"label", "labels", "class", "target", "category"});
  }
};

std::vector<absl::string_view> CellsOf(absl::string_view line, char separator) {
  std::vector<absl::string_view> cells = SplitCells(line, separator);
  for (absl::string_view& cell : cells) {
    cell = UnquotedCell(cell).value_or(cell);
  }
  return cells;
}

absl::Status NoTable(const std::string& path, absl::string_view found) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", found,
      "; expected rows of columns, separated by commas, tabs or semicolons"));
}

// The columns of the first rows. Takes the first line as a header if it has a
// word where another row has a number, or if it has only words.
absl::StatusOr<std::vector<TableColumn>> ReadTableColumns(
    const std::string& path, bool& has_header) {
  LENSLET_ASSIGN_OR_RETURN(LineReader reader,
                           LineReader::Open(path, kMostLineBytes));
  std::vector<std::string> first;
  std::vector<TableColumn> columns;
  char separator = ',';
  while (reader.number() < kMostRows) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) break;
    absl::string_view line = reader.line();
    if (reader.number() == 1) {
      line = absl::StripPrefix(line, "\xef\xbb\xbf");
      separator = GuessSeparator(line);
    }
    const std::vector<absl::string_view> cells = CellsOf(line, separator);
    if (reader.number() == 1) {
      if (cells.size() < 2) return NoTable(path, "has one column");
      for (const absl::string_view cell : cells) first.emplace_back(cell);
      columns.resize(cells.size());
    } else if (cells.size() == columns.size()) {
      for (size_t i = 0; i < cells.size(); ++i) columns[i].Add(cells[i]);
    }
  }
  if (columns.empty() || columns[0].rows == 0) {
    return NoTable(path, "has no rows after the first line");
  }
  has_header = true;
  bool has_name_of_number = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool is_word = !first[i].empty() && !LooksLikeNumber(first[i]);
    has_header &= is_word;
    has_name_of_number |= is_word && columns[i].numbers == columns[i].rows;
  }
  has_header |= has_name_of_number;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (has_header) columns[i].header = first[i];
  }
  return columns;
}

std::string NameOfColumn(const TableColumn& column, size_t index) {
  return column.header.empty() ? absl::StrCat(index) : column.header;
}

absl::StatusOr<size_t> FindTarget(const std::string& path,
                                  const std::vector<TableColumn>& columns,
                                  const std::string& target) {
  std::vector<std::string> names;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].header == target) return i;
    if (!columns[i].header.empty()) names.push_back(columns[i].header);
  }
  const auto size = static_cast<int64_t>(columns.size());
  if (int64_t index;
      absl::SimpleAtoi(target, &index) && index >= -size && index < size) {
    return index < 0 ? index + size : index;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": has no column \"", Printable(target),
                   "\", the target", DidYouMean(target, names)));
}

std::optional<size_t> GuessTarget(const std::vector<TableColumn>& columns,
                                  std::optional<size_t> images) {
  std::vector<size_t> classes;
  std::optional<size_t> labels, called_y, numbers;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i == images) continue;
    if (columns[i].is_called_label()) return i;
    if (columns[i].is_called({"y"})) called_y = i;
    if (!labels && !columns[i].separator.empty()) labels = i;
    if (columns[i].may_be_classes()) classes.push_back(i);
    if (!columns[i].has_words() && !columns[i].counts) numbers = i;
  }
  if (labels) return labels;
  if (classes.size() == 1) return classes[0];
  return called_y.has_value() ? called_y : numbers;
}

bool IsImageName(absl::string_view cell) {
  return absl::EndsWithIgnoreCase(cell, ".png") ||
         absl::EndsWithIgnoreCase(cell, ".jpg") ||
         absl::EndsWithIgnoreCase(cell, ".jpeg") ||
         absl::EndsWithIgnoreCase(cell, ".bmp") ||
         absl::EndsWithIgnoreCase(cell, ".gif") ||
         absl::EndsWithIgnoreCase(cell, ".tif") ||
         absl::EndsWithIgnoreCase(cell, ".tiff") ||
         absl::EndsWithIgnoreCase(cell, ".webp") ||
         absl::EndsWithIgnoreCase(cell, ".pgm") ||
         absl::EndsWithIgnoreCase(cell, ".ppm");
}

// The folder in which there is a file of that name, or "".
std::string FindImageFolder(const std::string& path, const std::string& name) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (FileExists(PathIn(folder, name))) return folder;
  const absl::StatusOr<FolderContents> contents = ListFolder(folder);
  if (!contents.ok()) return "";
  for (const std::string& inner : contents->folders) {
    if (FileExists(PathIn(PathIn(folder, inner), name))) {
      return PathIn(folder, inner);
    }
  }
  return "";
}

TargetKind KindOfTarget(const TableColumn& column) {
  if (!column.separator.empty()) return TargetKind::kLabels;
  const bool are_numbers_of_classes =
      (column.is_called_label() || column.is_called({"y"})) &&
      column.bytes == column.rows && column.words.size() <= kMaxClasses;
  const bool is_yes_or_no = column.words.size() == 2 &&
                            column.words.contains("0") &&
                            column.words.contains("1");
  return column.has_words() || are_numbers_of_classes || is_yes_or_no
             ? TargetKind::kClasses
             : TargetKind::kValues;
}

}  // namespace

absl::StatusOr<TableForm> GuessTableForm(const std::string& path,
                                         const std::string& target) {
  TableForm form;
  LENSLET_ASSIGN_OR_RETURN(const std::vector<TableColumn> columns,
                           ReadTableColumns(path, form.has_header));
  std::optional<size_t> images;
  for (size_t i = 0; i < columns.size() && form.has_header && !images; ++i) {
    if (!IsImageName(columns[i].first_cell)) continue;
    form.image_folder = FindImageFolder(path, columns[i].first_cell);
    if (form.image_folder.empty()) continue;
    form.image_column = columns[i].header;
    images = i;
  }
  std::optional<size_t> chosen = GuessTarget(columns, images);
  if (!target.empty()) {
    LENSLET_ASSIGN_OR_RETURN(chosen, FindTarget(path, columns, target));
  }
  if (!chosen.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": has no column of numbers, classes or labels; expected one "
        "to learn"));
  }
  const TableColumn& column = columns[*chosen];
  form.target = NameOfColumn(column, *chosen);
  form.kind = KindOfTarget(column);
  if (!column.separator.empty()) form.separator = column.separator;
  form.decimal_comma = column.has_decimal_commas;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i == *chosen || i == images) continue;
    if (columns[i].has_words() || columns[i].counts ||
        columns[i].is_called({"id", "index"})) {
      form.ignore.push_back(NameOfColumn(columns[i], i));
    } else {
      // A few others among pixels are mistakes.
      form.has_floats |= 2 * columns[i].bytes < columns[i].rows;
      form.decimal_comma |= columns[i].has_decimal_commas;
    }
  }
  return form;
}

}  // namespace lenslet
