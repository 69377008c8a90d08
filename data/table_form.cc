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
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/csv_form.h"
#include "lenslet/data/csv_labels.h"
#include "lenslet/data/csv_rows.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_folder.h"

namespace lenslet {
namespace {

constexpr int64_t kMostLineBytes = int64_t{16} << 20;

// Whether a cell says that a value is not known, or not finite.
bool IsMissing(absl::string_view cell) {
  const std::string lower = absl::AsciiStrToLower(
      absl::StripPrefix(absl::StripPrefix(cell, "-"), "+"));
  for (const absl::string_view missing :
       {"", "nan", "na", "n/a", "null", "none", "?", ".", "inf", "infinity"}) {
    if (lower == missing) return true;
  }
  return false;
}

bool IsNumber(absl::string_view cell) {
  return LooksLikeNumber(cell) || HasDecimalComma(cell);
}

// What the rows have in one column.
struct TableColumn {
  std::string header;
  std::string first_cell;
  int64_t rows = 0;
  int64_t numbers = 0;
  int64_t bytes = 0;
  int64_t missing = 0;
  // The first cell that is no number.
  std::string other_cell;
  int64_t other_line = 0;
  bool counts = true;  // Each row has the number of the row before and 1.
  int64_t next = 0;
  bool has_decimal_commas = false;
  // Whether such a comma, or a point, cannot separate thousands, and the first
  // cell in which it can.
  bool has_certain_commas = false;
  bool has_certain_points = false;
  std::string thousands_cell;
  int64_t thousands_line = 0;
  bool has_decimal_points = false;
  bool has_letters = false;
  std::string separator;                     // That some cell of words has.
  std::set<std::string, std::less<>> words;  // At most kMaxClasses + 1.
  int64_t whole_rows = 0;           // With whole numbers, such as -1 and 2.0.
  std::set<int64_t> whole_numbers;  // At most kMaxClasses + 1.

  void Add(absl::string_view cell, int64_t line) {
    if (rows == 0) first_cell = std::string(cell);
    int64_t value = 0;
    counts &= absl::SimpleAtoi(cell, &value) && (rows == 0 || value == next);
    next = value + 1;
    ++rows;
    if (HasDecimalComma(cell)) {
      has_decimal_commas = true;
      if (!IsThousands(cell, line, ',')) has_certain_commas = true;
      ++numbers;
      return;
    }
    const bool is_number = IsNumber(cell);
    numbers += is_number;
    if (const auto whole = ParseWholeNumber(cell)) {
      ++whole_rows;
      if (whole_numbers.size() <= kMaxClasses) {
        whole_numbers.insert(whole->value);
      }
    }
    bytes += ParseByte(cell).has_value();
    missing += IsMissing(cell);
    if (is_number && cell.find('.') != cell.npos) {
      has_decimal_points = true;
      if (!IsThousands(cell, line, '.')) has_certain_points = true;
    }
    has_letters |= std::any_of(cell.begin(), cell.end(), [](char c) {
      return absl::ascii_isalpha(c) || !absl::ascii_isascii(c);
    });
    if (!is_number && other_line == 0) {
      other_cell = std::string(cell);
      other_line = line;
    }
    for (const absl::string_view candidate : {";", "|", ","}) {
      // Commas are in many texts that are no list.
      if (candidate == "," && !is_called_list()) continue;
      if (separator.empty() && cell.find(candidate) != cell.npos) {
        separator = std::string(candidate);
      }
    }
    if (words.size() <= kMaxClasses) words.emplace(cell);
  }

  // Keeps the first of them.
  bool IsThousands(absl::string_view cell, int64_t line, char mark) {
    if (!MayHaveThousands(cell, mark)) return false;
    if (thousands_line == 0) {
      thousands_cell = std::string(cell);
      thousands_line = line;
    }
    return true;
  }

  // The first row, after all others.
  void AddFirst(absl::string_view cell, int64_t line) {
    int64_t value = 0, second = 0;
    const bool counts_all = counts && absl::SimpleAtoi(cell, &value) &&
                            absl::SimpleAtoi(first_cell, &second) &&
                            second == value + 1;
    other_line = IsNumber(cell) ? other_line : 0;
    Add(cell, line);
    first_cell = std::string(cell);
    counts = counts_all;
  }

  // A few cells that are no numbers are mistakes.
  bool has_words() const {
    return numbers == 0 || rows - numbers - missing > numbers;
  }
  bool has_mistakes() const { return !has_words() && numbers < rows; }
  // Dates, or numbers in a form that is not read.
  bool has_other_numbers() const {
    return has_words() && !has_letters && missing < rows;
  }
  // Of few rows, pixels and numbers do so by chance.
  bool counts_rows() const { return counts && rows >= 4; }
  // Words that may be classes.
  bool may_be_classes() const {
    return has_words() && has_letters && words.size() >= 2 &&
           words.size() <= kMaxClasses &&
           2 * static_cast<int64_t>(words.size()) <= rows;
  }
  bool is_called(std::initializer_list<absl::string_view> names) const {
    const std::string lower = absl::AsciiStrToLower(header);
    return std::find(names.begin(), names.end(), lower) != names.end();
  }
  bool is_called_list() const {
    return is_called({"tags", "labels", "classes", "categories", "keywords"});
  }
  bool is_called_label() const {
    return is_called({"label", "labels", "class", "target", "category"});
  }
  // Whether the cells are whole numbers, and as few of them as people give to
  // classes: `fewest_rows` of each, on average.
  bool has_few_numbers(size_t most, int64_t fewest_rows) const {
    const auto few = static_cast<int64_t>(whole_numbers.size());
    return whole_rows == rows && few >= 2 && whole_numbers.size() <= most &&
           rows >= fewest_rows * few;
  }
  // Whether they are the numbers from -1, 0 or 1 on.
  bool has_no_gaps() const {
    const int64_t first = *whole_numbers.begin();
    return first >= -1 && first <= 1 &&
           *whole_numbers.rbegin() ==
               first + static_cast<int64_t>(whole_numbers.size()) - 1;
  }
  // Whether they are numbers of classes, whose names say less than words would:
  // bytes or few numbers in a column that is called so, unless there are many
  // that do not recur; any two; or in a column without a name, few without
  // gaps.
  bool has_numbers_of_classes() const {
    constexpr size_t kMostCodes = 20;
    constexpr int64_t kFewestRows = 5;   // Of a code.
    constexpr int64_t kFewestNamed = 2;  // Of a code in such a column.
    if (whole_rows < rows || whole_numbers.empty()) return false;
    if (is_called_label() || is_called({"y"})) {
      const bool are_bytes =
          *whole_numbers.begin() >= 0 && *whole_numbers.rbegin() <= 255;
      // Those of the others may also be values.
      const size_t most = is_called({"y", "target"}) ? kMostCodes : kMaxClasses;
      const auto numbers = static_cast<int64_t>(whole_numbers.size());
      const bool has_many = numbers > static_cast<int64_t>(kMostCodes) &&
                            rows < kFewestNamed * numbers;
      if ((are_bytes && !has_many) || has_few_numbers(most, kFewestNamed)) {
        return true;
      }
    }
    const std::set<int64_t>& codes = whole_numbers;
    if (codes == std::set<int64_t>{0, 1} || codes == std::set<int64_t>{-1, 1}) {
      return true;
    }
    if (has_few_numbers(2, kFewestRows)) return true;
    return (header.empty() || IsNumber(header)) &&
           has_few_numbers(kMostCodes, kFewestRows) && has_no_gaps();
  }
};

absl::Status NoTable(const std::string& path, absl::string_view found) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", found,
      "; expected rows of columns, separated by commas, tabs, semicolons or "
      "bars"));
}

// Whether a first line names columns by numbers, and others by words that come
// in no other row.
bool NamesNumbers(const std::vector<std::string>& first,
                  const std::vector<TableColumn>& columns) {
  bool has_word = false, has_new_number = false;
  for (size_t i = 0; i < first.size(); ++i) {
    const bool is_new = !columns[i].words.contains(first[i]);
    if (IsMissing(first[i])) continue;
    if (IsNumber(first[i])) {
      has_new_number |= is_new;
    } else if (!is_new) {
      return false;
    } else {
      has_word = true;
    }
  }
  return has_word && has_new_number &&
         AreNumbersOfColumns(
             std::vector<absl::string_view>(first.begin(), first.end()));
}

// Reads all rows, as training does: a single cell that is no number leaves its
// column out. Takes the first line as a header if it has a
// word where another row has a number, if it has only words, or if it numbers
// the columns.
absl::StatusOr<std::vector<TableColumn>> ReadTableColumns(
    const std::string& path, bool& has_header, char& separator) {
  LENSLET_ASSIGN_OR_RETURN(
      CsvRowReader reader,
      CsvRowReader::Open(path, std::nullopt, kMostLineBytes));
  std::vector<std::string> first;
  int64_t first_line = 0;
  std::vector<TableColumn> columns;
  std::string room;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) break;
    const std::vector<absl::string_view> cells =
        SplitCells(reader.row(), reader.separator());
    if (columns.empty() && cells.size() < 2) {
      return NoTable(path, "has one column");
    }
    if (!columns.empty() && cells.size() != columns.size()) {
      return CsvColumnsError(path, reader.number(), cells.size(),
                             columns.size(), reader.separator());
    }
    const bool is_first = columns.empty();
    if (is_first) {
      columns.resize(cells.size());
      first_line = reader.number();
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      const absl::string_view cell =
          UnquotedCell(cells[i], room).value_or(cells[i]);
      if (is_first) {
        first.emplace_back(cell);
        columns[i].header = std::string(cell);
      } else {
        columns[i].Add(cell, reader.number());
      }
    }
  }
  if (columns.empty() || columns[0].rows == 0) {
    return NoTable(path, columns.empty() ? "is empty"
                                         : "has no rows after the first line");
  }
  separator = reader.separator();
  has_header = true;
  bool has_name_of_number = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool is_word = !IsMissing(first[i]) && !IsNumber(first[i]);
    has_header &= is_word;
    has_name_of_number |= is_word && !columns[i].has_words();
  }
  has_header |=
      has_name_of_number || NamesNumbers(first, columns) ||
      CountColumns(std::vector<absl::string_view>(first.begin(), first.end()));
  for (size_t i = 0; i < columns.size(); ++i) {
    if (has_header) continue;
    columns[i].header.clear();
    columns[i].AddFirst(first[i], first_line);
  }
  return columns;
}

// A name or number that means only this column.
std::string NameOfColumn(const std::vector<TableColumn>& columns,
                         size_t index) {
  const auto named = [&](absl::string_view name) {
    return std::count_if(
        columns.begin(), columns.end(),
        [&](const TableColumn& column) { return column.header == name; });
  };
  const std::string& header = columns[index].header;
  if (!header.empty() && named(header) == 1 && IsValidUtf8(header)) {
    return header;
  }
  const auto number = static_cast<int64_t>(index);
  const std::string from_start = absl::StrCat(number);
  return named(from_start) == 0
             ? from_start
             : absl::StrCat(number - static_cast<int64_t>(columns.size()));
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
                   "\", the target", DidYouMeanOneOf(target, names)));
}

std::optional<size_t> GuessTarget(const std::vector<TableColumn>& columns,
                                  std::optional<size_t> images) {
  std::vector<size_t> classes;
  std::optional<size_t> labels, called_y, numbers;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i == images) continue;
    if (columns[i].is_called_label()) return i;
    if (columns[i].is_called({"y"})) called_y = i;
    if (!labels && !columns[i].separator.empty() && columns[i].has_words()) {
      labels = i;
    }
    if (columns[i].may_be_classes()) classes.push_back(i);
    if (!columns[i].has_words() && !columns[i].counts_rows()) numbers = i;
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

// "column 2 ("file") has names of images, such as "a.png", which are not in
// ..."
std::string ImagesElsewhereText(const std::string& path,
                                const TableColumn& column, size_t index) {
  constexpr int64_t kMostShown = 80;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return absl::StrCat(
      "column ", index + 1, " (\"", Printable(column.header),
      "\") has names of images, such as \"",
      Abbreviate(Printable(column.first_cell), kMostShown),
      "\", which are neither in ",
      folder.empty() ? "the file's folder" : folder,
      " nor in a folder in it; to learn from them, move the file beside the "
      "images, or write a recipe with image_table { directory: \"FOLDER\" }");
}

TargetKind KindOfTarget(const TableColumn& column) {
  if (!column.separator.empty() && column.has_words()) {
    return TargetKind::kLabels;
  }
  return column.has_words() || column.has_numbers_of_classes()
             ? TargetKind::kClasses
             : TargetKind::kValues;
}

// "PATH:LINE: column 2 ("area") is "nan""
std::string CellText(const std::string& path, const TableColumn& column,
                     size_t index, int64_t line, const std::string& cell) {
  constexpr int64_t kMostShown = 40;
  return absl::StrCat(
      path, ":", line, ": column ", index + 1,
      column.header.empty()
          ? ""
          : absl::StrCat(" (\"", Printable(column.header), "\")"),
      " is \"", Abbreviate(Printable(cell), kMostShown), "\"");
}

std::string OtherCellText(const std::string& path, const TableColumn& column,
                          size_t index) {
  return CellText(path, column, index, column.other_line, column.other_cell);
}

// What a cell that is no number does to its column.
std::string MistakeText(const std::string& path, const TableColumn& column,
                        size_t index) {
  const int64_t more = column.rows - column.numbers - 1;
  return absl::StrCat(
      OtherCellText(path, column, index), ", which is no number",
      more == 0   ? ""
      : more == 1 ? ", as is another cell of the column"
                  : absl::StrCat(", as are ", WithCommas(more),
                                 " other cells of the column"),
      "; so the column is left out; to use it, fill or correct ",
      more == 0 ? "the cell, or take its row" : "the cells, or take their rows",
      " out of the file, and remove its line ignore from the recipe, or run "
      "lenslet init again");
}

// What commas and points in numbers are.
struct NumberMarks {
  bool has_points = false;  // Some column has decimal points.
  char thousands = '\0';    // What separates thousands, if something does.
};

NumberMarks MarksOf(const std::vector<TableColumn>& columns, char separator) {
  bool certain_commas = false, certain_points = false, points = false;
  for (const TableColumn& column : columns) {
    certain_commas |= column.has_certain_commas;
    if (column.has_words()) continue;
    certain_points |= column.has_certain_points;
    points |= column.has_decimal_points;
  }
  // Who writes 1,234 for 1.234 does not separate columns with commas.
  if (separator == ',' && !certain_commas) {
    return {.has_points = points, .thousands = ','};
  }
  if (certain_commas && !certain_points) return {.thousands = '.'};
  return {.has_points = points};
}

// Why a column that is no input is none; "" if that needs no words.
std::string ReasonToLeaveOut(const std::string& path, const TableColumn& column,
                             size_t index, const NumberMarks& marks) {
  if (column.is_called({"id", "index"})) return "";
  if (column.has_mistakes()) return MistakeText(path, column, index);
  if (column.has_other_numbers()) {
    return absl::StrCat(OtherCellText(path, column, index),
                        ", which is no number in a form that is read, such as "
                        "1234.5; so the column is left out");
  }
  if (column.has_decimal_commas && marks.has_points) {
    return absl::StrCat(
        path, ": column ", index + 1, " (\"", Printable(column.header),
        "\") has commas in its numbers, but other columns have decimal points; "
        "so the column is left out");
  }
  const bool is_comma = marks.thousands == ',';
  if ((is_comma && column.has_decimal_commas) ||
      (marks.thousands == '.' && column.has_decimal_points)) {
    const char* const mark = is_comma ? "comma" : "point";
    return absl::StrCat(
        CellText(path, column, index, column.thousands_line,
                 column.thousands_cell),
        ", whose ", mark,
        " seems to separate thousands; so the column is left out; to use it, "
        "take these ",
        mark,
        "s out of the file, and remove its line ignore from the recipe, or run "
        "lenslet init again",
        is_comma ? "; if they are decimal points, remove the line and set "
                   "decimal_comma: true"
                 : "");
  }
  return "";
}

}  // namespace

absl::StatusOr<TableForm> GuessTableForm(const std::string& path,
                                         const std::string& target) {
  TableForm form;
  char column_separator = ',';
  LENSLET_ASSIGN_OR_RETURN(
      const std::vector<TableColumn> columns,
      ReadTableColumns(path, form.has_header, column_separator));
  std::optional<size_t> images;
  std::string images_elsewhere;
  for (size_t i = 0; i < columns.size() && form.has_header && !images; ++i) {
    if (!IsImageName(columns[i].first_cell)) continue;
    form.image_folder = FindImageFolder(path, columns[i].first_cell);
    if (form.image_folder.empty()) {
      images_elsewhere = ImagesElsewhereText(path, columns[i], i);
      continue;
    }
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
  form.target = NameOfColumn(columns, *chosen);
  form.target_column = static_cast<int64_t>(*chosen);
  form.columns = static_cast<int64_t>(columns.size());
  form.kind = KindOfTarget(column);
  if (!column.separator.empty()) form.separator = column.separator;
  int64_t inputs = 0, pixel_names = 0;
  const NumberMarks marks = MarksOf(columns, column_separator);
  form.decimal_comma =
      column.has_decimal_commas && !marks.has_points && marks.thousands != ',';
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i == *chosen || i == images) continue;
    const std::string reason = ReasonToLeaveOut(path, columns[i], i, marks);
    const bool is_index = columns[i].counts_rows() ||
                          columns[i].is_called({"id", "index"}) ||
                          (i == 0 && form.has_header &&
                           columns[i].header.empty() && columns[i].counts);
    if (columns[i].has_words() || is_index || !reason.empty()) {
      form.ignore.push_back(NameOfColumn(columns, i));
      if (!reason.empty()) form.warnings.push_back(reason);
      continue;
    }
    ++inputs;
    pixel_names += IsPixelName(columns[i].header);
    // A few others among pixels are mistakes.
    form.has_floats |= 2 * columns[i].bytes < columns[i].rows;
    form.decimal_comma |= columns[i].has_decimal_commas;
  }
  if (!images.has_value() && !images_elsewhere.empty()) {
    form.warnings.insert(form.warnings.begin(),
                         absl::StrCat(path, ": ", images_elsewhere));
  }
  if (inputs == 0 && !images.has_value()) {
    // There is no recipe yet whose lines could be removed.
    absl::string_view first =
        form.warnings.empty() ? absl::string_view() : form.warnings[0];
    first = first.substr(0, first.find("; so the column is left out"));
    absl::ConsumePrefix(&first, absl::StrCat(path, ": "));
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": has no column of inputs: column ", *chosen + 1,
        " is taken as the target, and all others are left out, as words, "
        "numbers of the rows, or cells that are no numbers",
        first.empty() ? "" : absl::StrCat("; ", first)));
  }
  if (2 * pixel_names > inputs) form.pixels = ShapeOfPixels(inputs);
  return form;
}

}  // namespace lenslet
