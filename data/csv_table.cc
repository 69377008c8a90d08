#include "lenslet/data/csv_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/csv_labels.h"
#include "lenslet/data/csv_rows.h"
#include "lenslet/data/dataset.h"

namespace lenslet {
namespace {

// What a column is.
enum class Role : uint8_t { kIgnored, kInput, kTarget, kText };

std::string ColumnList(absl::Span<const std::string> names) {
  constexpr size_t kMaxShown = 20;
  std::string list;
  for (const std::string& name : names.subspan(0, kMaxShown)) {
    absl::StrAppend(&list, list.empty() ? "\"" : ", \"", Printable(name), "\"");
  }
  return names.size() > kMaxShown ? list + ", ..." : list;
}

// The words of a cell of labels. The separator is not empty.
std::vector<absl::string_view> WordsOf(absl::string_view cell,
                                       absl::string_view separator) {
  std::vector<absl::string_view> words;
  for (absl::string_view word : absl::StrSplit(cell, separator)) {
    word = absl::StripAsciiWhitespace(word);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// One that people use, if the cell has it; otherwise "".
absl::string_view OtherSeparator(absl::string_view cell) {
  for (const absl::string_view other : {";", "|", "\t", ","}) {
    if (cell.find(other) != cell.npos) return other;
  }
  return "";
}

bool ParseDecimalComma(absl::string_view cell, float& number) {
  return cell.find('.') == cell.npos &&
         ParseCsvFloat(absl::StrReplaceAll(cell, {{",", "."}}), number);
}

// What could make a number of a cell that is none, or "".
absl::string_view OtherForm(absl::string_view cell,
                            const CsvTableOptions& options) {
  const bool has_recipe = options.has_recipe;
  float number;
  if (options.decimal_comma && ParseCsvFloat(cell, number)) {
    return has_recipe
               ? "; decimal_comma is set: if points are decimal, remove it; if "
                 "they separate thousands, take them out of the file"
               : "; write decimal commas, as the training file has them";
  }
  if (ParseDecimalComma(cell, number)) {
    if (!has_recipe) {
      return MayHaveThousands(cell, ',')
                 ? "; if commas separate thousands, take them out of the file; "
                   "if they are decimal points, write points, as the training "
                   "file has them"
                 : "; if commas are decimal points, write points, as the "
                   "training file has them";
    }
    return MayHaveThousands(cell, ',')
               ? "; if commas separate thousands, take them out of the file; "
                 "if they are decimal points, set decimal_comma: true"
               : "; if commas are decimal points, set decimal_comma: true";
  }
  if (has_recipe && cell.find(';') != cell.npos) {
    return "; if \";\" separates columns, set separator: \";\"";
  }
  return "";
}

// "NA", "?" or "total", but not a number in another form.
bool LooksLikeWord(absl::string_view cell) {
  return std::none_of(cell.begin(), cell.end(), absl::ascii_isdigit);
}

absl::StatusOr<Tensor> TableTensor(const std::string& path, ElementType type,
                                   const Shape& shape) {
  absl::StatusOr<Tensor> tensor = Tensor::Create(type, shape);
  if (tensor.ok()) return tensor;
  return absl::ResourceExhaustedError(
      absl::StrCat(path, ": ", tensor.status().message()));
}

class TableReader {
 public:
  TableReader(const std::string& path, const CsvTableOptions& options)
      : path_(path), options_(options), classes_(options.target_names) {}

  absl::StatusOr<CsvTable> Read();

 private:
  std::vector<absl::string_view> Split(absl::string_view line) const {
    return SplitCells(line, separator_);
  }
  // Of the first line: the columns' names and roles.
  absl::Status ReadColumns(int64_t number, absl::string_view line);
  absl::Status CheckHeader() const;
  absl::StatusOr<int64_t> Find(absl::string_view field,
                               const std::string& name) const;
  absl::Status SetRole(absl::string_view field, const std::string& name,
                       Role role);
  absl::Status SetInputs();
  // That no two have the same name.
  absl::Status CheckInputNames(absl::Span<const int64_t> inputs) const;
  absl::Status SetShape();
  // Before memory is asked for: counts the row, and collects its labels.
  absl::Status Count(int64_t number, absl::string_view line);
  void LookForSeparators(const CsvPlace& place, absl::string_view cell);
  absl::Status MakeTensors();
  absl::Status ReadRow(int64_t number, absl::string_view line);
  absl::Status ReadInput(const CsvPlace& place, absl::string_view cell,
                         int64_t index);
  absl::Status ReadTarget(const CsvPlace& place, absl::string_view cell,
                          int64_t index);
  absl::StatusOr<float> ParseNumber(const CsvPlace& place,
                                    absl::string_view cell,
                                    absl::string_view advice) const;
  absl::StatusOr<int64_t> LabelOf(const CsvPlace& place,
                                  absl::string_view word) const;
  // A number that names the column.
  std::string NumberOf(int64_t column) const;
  bool FirstColumnCounts() const;
  CsvPlace PlaceOf(int64_t number, int64_t column) const {
    return {.path = path_,
            .line = number,
            .column = column,
            .name = table_.header.empty()
                        ? absl::string_view()
                        : absl::string_view(table_.header[column])};
  }

  const std::string& path_;
  const CsvTableOptions& options_;
  CsvTable table_;
  CsvLabels classes_;
  std::vector<int32_t> class_indices_;  // Of the rows.
  char separator_ = ',';                // Of columns.
  int64_t first_line_ = 1;              // Its number.
  std::vector<Role> roles_;
  // Of columns of targets or inputs, which of them they are.
  std::vector<int64_t> index_of_;
  int64_t input_columns_ = 0;
  Shape shape_;
  int64_t rows_ = 0;
  int64_t row_ = 0;
  std::set<std::string, std::less<>> words_;
  // Of cells of labels: whether one has the separator, and the first one that
  // has another.
  bool has_separator_ = false;
  absl::Status other_separator_;
};

absl::StatusOr<int64_t> TableReader::Find(absl::string_view field,
                                          const std::string& name) const {
  const auto columns = static_cast<int64_t>(roles_.size());
  const auto& header = table_.header;
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) {
    if (std::find(found + 1, header.end(), name) != header.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          path_, ":", first_line_, ": has several columns \"", Printable(name),
          "\"; ", field, " needs one; expected the column's number, from 0"));
    }
    return found - header.begin();
  }
  if (int64_t index; absl::SimpleAtoi(name, &index)) {
    if (index >= -columns && index < columns) {
      return index < 0 ? index + columns : index;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        path_, ": ", field, " is column ", name, "; expected a number in [",
        -columns, ", ", columns - 1, "], or a name"));
  }
  if (!options_.input_columns.empty()) {
    // Another input is not what this one is called.
    std::vector<std::string> others;
    for (const std::string& column : header) {
      if (std::find(options_.input_columns.begin(),
                    options_.input_columns.end(),
                    column) == options_.input_columns.end()) {
        others.push_back(column);
      }
    }
    return absl::InvalidArgumentError(absl::StrCat(
        path_, ": has no column \"", Printable(name), "\", but ",
        ColumnList(header), "; expected all of the inputs, ",
        ColumnList(options_.input_columns), DidYouMean(name, others)));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path_, ": has no column \"", Printable(name), "\", which is in ", field,
      options_.has_header
          ? absl::StrCat("; expected one of ", ColumnList(header),
                         DidYouMean(name, header))
          : "; without a header, expected the column's number, from 0"));
}

absl::Status TableReader::SetRole(absl::string_view field,
                                  const std::string& name, Role role) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t column, Find(field, name));
  if (roles_[column] != Role::kInput) {
    return absl::InvalidArgumentError(absl::StrCat(
        path_, ": column ", column + 1, " (\"", Printable(name),
        "\") is named twice, as ",
        roles_[column] == Role::kTarget
            ? absl::StrCat("the target, by ", options_.target_source)
        : roles_[column] == Role::kText ? "image_column"
                                        : "one to ignore",
        ", and in ", field, "; expected each column once"));
  }
  roles_[column] = role;
  return absl::OkStatus();
}

absl::Status TableReader::CheckHeader() const {
  const auto& header = options_.header;
  if (header.empty() || header == table_.header) return absl::OkStatus();
  if (header.size() != table_.header.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ":", first_line_, ": has ", table_.header.size(),
                     " columns; expected the ", header.size(), " of ",
                     options_.header_file));
  }
  size_t i = 0;
  while (header[i] == table_.header[i]) ++i;
  return absl::InvalidArgumentError(
      absl::StrCat(path_, ":", first_line_, ": column ", i + 1, " is \"",
                   Printable(table_.header[i]), "\"; expected \"",
                   Printable(header[i]), "\", as in ", options_.header_file));
}

absl::Status TableReader::ReadColumns(int64_t number, absl::string_view line) {
  first_line_ = number;
  const std::vector<absl::string_view> cells = Split(line);
  roles_.assign(cells.size(), Role::kInput);
  if (options_.has_header) {
    for (size_t i = 0; i < cells.size(); ++i) {
      const CsvPlace place = {
          .path = path_, .line = number, .column = static_cast<int64_t>(i)};
      std::string room;
      LENSLET_ASSIGN_OR_RETURN(const absl::string_view name,
                               UnquoteCsvCell(place, cells[i], room));
      table_.header.emplace_back(name);
    }
    LENSLET_RETURN_IF_ERROR(CheckHeader());
  }
  index_of_.assign(cells.size(), 0);
  int64_t targets = 0;
  for (const std::string& name : options_.target_columns) {
    LENSLET_RETURN_IF_ERROR(SetRole("the target", name, Role::kTarget));
    index_of_[*Find("the target", name)] = targets++;
  }
  if (!options_.text_column.empty()) {
    LENSLET_RETURN_IF_ERROR(
        SetRole("image_column", options_.text_column, Role::kText));
  }
  for (const std::string& name : options_.ignore) {
    LENSLET_RETURN_IF_ERROR(SetRole("ignore", name, Role::kIgnored));
  }
  return SetInputs();
}

absl::Status TableReader::SetInputs() {
  std::vector<int64_t> inputs;
  for (const std::string& name : options_.input_columns) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t column, Find("the inputs", name));
    if (roles_[column] != Role::kInput ||
        std::find(inputs.begin(), inputs.end(), column) != inputs.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, ": column ", column + 1, " (\"", Printable(name),
                       "\") is an input, and named twice"));
    }
    inputs.push_back(column);
  }
  for (size_t i = 0; i < roles_.size() && options_.input_columns.empty(); ++i) {
    if (roles_[i] == Role::kInput) inputs.push_back(static_cast<int64_t>(i));
  }
  if (!options_.has_inputs) inputs.clear();
  LENSLET_RETURN_IF_ERROR(CheckInputNames(inputs));
  std::replace(roles_.begin(), roles_.end(), Role::kInput, Role::kIgnored);
  for (const int64_t column : inputs) {
    roles_[column] = Role::kInput;
    index_of_[column] = input_columns_++;
    if (options_.has_header) {
      table_.input_names.push_back(table_.header[column]);
    }
  }
  for (size_t i = 0; i < roles_.size(); ++i) {
    if (roles_[i] != Role::kInput) {
      table_.other_columns.push_back(static_cast<int64_t>(i));
    }
  }
  return SetShape();
}

std::string TableReader::NumberOf(int64_t column) const {
  const std::string number = absl::StrCat(column);
  const auto& header = table_.header;
  return std::find(header.begin(), header.end(), number) == header.end()
             ? number
             : absl::StrCat(column - static_cast<int64_t>(roles_.size()));
}

absl::Status TableReader::CheckInputNames(
    absl::Span<const int64_t> inputs) const {
  if (!options_.has_header) return absl::OkStatus();
  std::map<absl::string_view, int64_t> columns;
  for (const int64_t column : inputs) {
    const std::string& name = table_.header[column];
    const auto [other, is_new] = columns.emplace(name, column);
    if (is_new) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        path_, ":", first_line_, ": columns ", other->second + 1, " and ",
        column + 1, " are both called \"", Printable(name),
        "\"; expected inputs of different names; to leave one out, ignore: \"",
        NumberOf(column), "\""));
  }
  return absl::OkStatus();
}

bool TableReader::FirstColumnCounts() const {
  if (table_.header.empty() || !IsNameOfIndex(table_.header[0]) ||
      roles_[0] != Role::kInput || rows_ < 2) {
    return false;
  }
  const auto number = [&](int64_t row) -> double {
    const int64_t i = row * input_columns_ + index_of_[0];
    return options_.type == ElementType::kUint8
               ? table_.inputs.data<uint8_t>()[i]
               : table_.inputs.data()[i];
  };
  const double first = number(0);
  if (first != 0 && first != 1) return false;
  for (int64_t row = 1; row < rows_; ++row) {
    if (number(row) != first + row) return false;
  }
  return true;
}

absl::Status TableReader::SetShape() {
  if (options_.has_inputs && input_columns_ == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": has ", roles_.size(),
                     " columns, and none is an input: they are targets or "
                     "ignored"));
  }
  shape_ = !options_.shape.has_value() || !options_.has_inputs
               ? Shape({input_columns_})
               : *options_.shape;
  if (shape_.elements() == input_columns_) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path_, ": has ", input_columns_, " columns of inputs; expected ",
      shape_.elements(), ", for inputs of shape ", shape_.ToString(),
      input_columns_ == shape_.elements() + 1 && !table_.header.empty() &&
              roles_[0] == Role::kInput && IsNameOfIndex(table_.header[0])
          ? absl::StrCat("; if the first column is an index, ignore: \"",
                         NumberOf(0), "\" leaves it out")
          : ""));
}

absl::Status TableReader::Count(int64_t number, absl::string_view line) {
  const bool is_first = roles_.empty();
  if (is_first) {
    LENSLET_RETURN_IF_ERROR(ReadColumns(number, line));
    if (options_.has_header) return absl::OkStatus();
  }
  const auto columns = static_cast<size_t>(CountCells(line, separator_));
  if (columns != roles_.size()) {
    const absl::Status wrong =
        CsvColumnsError(path_, number, columns, roles_.size(), separator_);
    if (options_.kind != TargetKind::kLabels || columns < roles_.size()) {
      return wrong;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        wrong.message(),
        "; labels in one cell need quotation marks around the cell, or another "
        "separator"));
  }
  ++rows_;
  if (options_.kind != TargetKind::kLabels || !options_.target_names.empty()) {
    return absl::OkStatus();
  }
  const std::vector<absl::string_view> cells = Split(line);
  const int64_t column =
      std::find(roles_.begin(), roles_.end(), Role::kTarget) - roles_.begin();
  const CsvPlace place = PlaceOf(number, column);
  std::string room;
  LENSLET_ASSIGN_OR_RETURN(const absl::string_view cell,
                           UnquoteCsvCell(place, cells[column], room));
  LookForSeparators(place, cell);
  for (const absl::string_view word : WordsOf(cell, options_.separator)) {
    if (words_.contains(word)) continue;
    if (!IsValidUtf8(word)) {
      return CsvValueError(place, word,
                           "labels that are UTF-8; save the file as UTF-8");
    }
    if (static_cast<int64_t>(words_.size()) == kMaxLabels) {
      return CsvValueError(
          place, word,
          absl::StrCat("one of the ", kMaxLabels,
                       " labels above it, the most that a file may have"));
    }
    words_.emplace(word);
  }
  return absl::OkStatus();
}

void TableReader::LookForSeparators(const CsvPlace& place,
                                    absl::string_view cell) {
  has_separator_ |= cell.find(options_.separator) != cell.npos;
  if (has_separator_ || !other_separator_.ok()) return;
  if (const absl::string_view other = OtherSeparator(cell); !other.empty()) {
    other_separator_ = CsvValueError(
        place, cell,
        absl::StrCat("labels separated by \"", Printable(options_.separator),
                     "\", which no cell of the column has; if \"",
                     Printable(other), "\" separates them, set separator: \"",
                     Printable(other), "\""));
  }
}

absl::Status TableReader::MakeTensors() {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, shape_.WithOuter(rows_));
  LENSLET_ASSIGN_OR_RETURN(
      table_.inputs,
      TableTensor(path_,
                  options_.has_inputs ? options_.type : ElementType::kUint8,
                  shape));
  switch (options_.kind) {
    case TargetKind::kClasses: {
      class_indices_.resize(rows_);
      return absl::OkStatus();
    }
    case TargetKind::kLabels: {
      if (!has_separator_) LENSLET_RETURN_IF_ERROR(other_separator_);
      table_.target_names = options_.target_names;
      if (table_.target_names.empty()) {
        table_.target_names.assign(words_.begin(), words_.end());
      }
      if (table_.target_names.empty()) {
        return absl::InvalidArgumentError(absl::StrCat(
            path_, ": column \"", Printable(options_.target_columns[0]),
            "\" has no labels; expected words in some of its rows"));
      }
      const auto labels = static_cast<int64_t>(table_.target_names.size());
      LENSLET_ASSIGN_OR_RETURN(
          table_.targets,
          TableTensor(path_, ElementType::kUint8, {rows_, labels}));
      const absl::Span<uint8_t> targets = table_.targets.span<uint8_t>();
      std::fill(targets.begin(), targets.end(), 0);
      return absl::OkStatus();
    }
    case TargetKind::kValues: {
      const auto values = static_cast<int64_t>(options_.target_columns.size());
      LENSLET_ASSIGN_OR_RETURN(
          table_.targets,
          TableTensor(path_, ElementType::kFloat32, {rows_, values}));
      for (const std::string& name : options_.target_columns) {
        if (!options_.has_header) break;
        table_.target_names.push_back(table_.header[*Find("the target", name)]);
      }
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<float> TableReader::ParseNumber(const CsvPlace& place,
                                               absl::string_view cell,
                                               absl::string_view advice) const {
  std::string room;
  LENSLET_ASSIGN_OR_RETURN(cell, UnquoteCsvCell(place, cell, room));
  cell = absl::StripAsciiWhitespace(cell);
  if (cell.empty()) {
    return CsvValueError(place, cell,
                         "a number; fill the cell, or take the row out of the "
                         "file");
  }
  float number;
  const bool is_number = options_.decimal_comma
                             ? ParseDecimalComma(cell, number)
                             : ParseCsvFloat(cell, number);
  if (!is_number) {
    return CsvValueError(
        place, cell,
        absl::StrCat("a number", OtherForm(cell, options_),
                     // As cells above it have; otherwise, the column may be one
                     // of words.
                     row_ > 0 && LooksLikeWord(cell)
                         ? "; fill or correct the cell, or take the row out of "
                           "the file"
                         : "",
                     options_.has_recipe ? advice : ""));
  }
  if (!std::isfinite(number)) {
    return CsvValueError(place, cell,
                         "a finite number; take the row out of the file, or "
                         "replace the value");
  }
  return number;
}

absl::Status TableReader::ReadInput(const CsvPlace& place,
                                    absl::string_view cell, int64_t index) {
  if (options_.type == ElementType::kUint8) {
    LENSLET_ASSIGN_OR_RETURN(table_.inputs.data<uint8_t>()[index],
                             ParseCsvByte(place, cell));
    return absl::OkStatus();
  }
  const std::string advice = absl::StrCat(
      place.line == first_line_ ? " (a header needs has_header)" : "",
      "; to leave the column out, ignore: \"",
      place.name.empty() ? absl::StrCat(place.column) : Printable(place.name),
      "\"");
  LENSLET_ASSIGN_OR_RETURN(table_.inputs.data()[index],
                           ParseNumber(place, cell, advice));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> TableReader::LabelOf(const CsvPlace& place,
                                             absl::string_view word) const {
  const auto& names = table_.target_names;
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return found - names.begin();
  const absl::string_view other = OtherSeparator(word);
  return CsvValueError(
      place, word,
      absl::StrCat("one of the ", names.size(), " labels of ",
                   options_.target_names_source, ": ", ColumnList(names),
                   other.empty() ? ""
                                 : absl::StrCat("; the separator is \"",
                                                Printable(options_.separator),
                                                "\", but the cell has \"",
                                                Printable(other), "\"")));
}

absl::Status TableReader::ReadTarget(const CsvPlace& place,
                                     absl::string_view cell, int64_t index) {
  switch (options_.kind) {
    case TargetKind::kClasses: {
      LENSLET_ASSIGN_OR_RETURN(class_indices_[row_],
                               classes_.Parse(place, cell));
      return absl::OkStatus();
    }
    case TargetKind::kLabels: {
      std::string room;
      LENSLET_ASSIGN_OR_RETURN(cell, UnquoteCsvCell(place, cell, room));
      uint8_t* const targets =
          table_.targets.data<uint8_t>() +
          row_ * static_cast<int64_t>(table_.target_names.size());
      for (const absl::string_view word : WordsOf(cell, options_.separator)) {
        LENSLET_ASSIGN_OR_RETURN(const int64_t label, LabelOf(place, word));
        targets[label] = 1;
      }
      return absl::OkStatus();
    }
    case TargetKind::kValues: {
      const auto values = static_cast<int64_t>(options_.target_columns.size());
      LENSLET_ASSIGN_OR_RETURN(
          table_.targets.data()[row_ * values + index],
          ParseNumber(
              place, cell,
              place.line == first_line_ ? " (a header needs has_header)" : ""));
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status TableReader::ReadRow(int64_t number, absl::string_view line) {
  const absl::Status changed = absl::DataLossError(absl::StrCat(
      path_, ": changed while it was read; it had ", rows_, " rows at first"));
  if (row_ == rows_) return changed;
  int64_t column = 0;
  for (CsvCells cells(line, separator_); cells.Next();) {
    const absl::string_view cell = cells.cell();
    if (column == static_cast<int64_t>(roles_.size())) return changed;
    const CsvPlace place = PlaceOf(number, column);
    switch (roles_[column]) {
      case Role::kIgnored:
        break;
      case Role::kInput:
        LENSLET_RETURN_IF_ERROR(
            ReadInput(place, cell, row_ * input_columns_ + index_of_[column]));
        break;
      case Role::kTarget:
        LENSLET_RETURN_IF_ERROR(ReadTarget(place, cell, index_of_[column]));
        break;
      case Role::kText: {
        std::string room;
        LENSLET_ASSIGN_OR_RETURN(const absl::string_view text,
                                 UnquoteCsvCell(place, cell, room));
        if (text.empty()) return CsvValueError(place, text, "a file's name");
        table_.texts.emplace_back(text);
        break;
      }
    }
    ++column;
  }
  if (column != static_cast<int64_t>(roles_.size())) return changed;
  if (options_.keep_lines) table_.lines.push_back(number);
  ++row_;
  return absl::OkStatus();
}

absl::StatusOr<CsvTable> TableReader::Read() {
  LENSLET_ASSIGN_OR_RETURN(separator_,
                           FindCsvSeparator(path_, options_.column_separator));
  // Memory is asked for when the file is known to have as many values.
  LENSLET_RETURN_IF_ERROR(
      ForEachCsvRow(path_, separator_, /*skip_first=*/false,
                    [&](int64_t number, absl::string_view line) {
                      return Count(number, line);
                    }));
  if (rows_ == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": is empty; expected rows of numbers",
                     options_.has_header ? " after the header" : ""));
  }
  LENSLET_RETURN_IF_ERROR(MakeTensors());
  LENSLET_RETURN_IF_ERROR(
      ForEachCsvRow(path_, separator_, options_.has_header,
                    [&](int64_t number, absl::string_view line) {
                      return ReadRow(number, line);
                    }));
  if (row_ != rows_) {
    return absl::DataLossError(
        absl::StrCat(path_, ": changed while it was read; it had ", rows_,
                     " rows at first"));
  }
  if (FirstColumnCounts()) table_.index_column = NumberOf(0);
  if (options_.kind == TargetKind::kClasses) {
    table_.target_names = classes_.Finish(absl::MakeSpan(class_indices_));
    LENSLET_ASSIGN_OR_RETURN(table_.targets,
                             ClassTensor(class_indices_, {rows_}));
  }
  return std::move(table_);
}

absl::Status CheckTableOptions(const CsvTableOptions& options) {
  const bool takes_one = options.kind != TargetKind::kValues;
  if (takes_one && options.target_columns.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("target_columns has ", options.target_columns.size(),
                     " columns; expected one for targets of kind \"",
                     Name(options.kind), "\""));
  }
  if (options.separator.empty()) {
    return absl::InvalidArgumentError("separator is empty");
  }
  const size_t most =
      options.kind == TargetKind::kClasses ? kMaxClasses : kMaxLabels;
  if (takes_one && options.target_names.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat("target_names has ", options.target_names.size(),
                     " names; expected at most ", most));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsNameOfIndex(absl::string_view name) {
  return name.empty() || name == "Unnamed: 0";
}

absl::StatusOr<CsvTable> LoadCsvTable(const std::string& path,
                                      const CsvTableOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckTableOptions(options));
  return TableReader(path, options).Read();
}

}  // namespace lenslet
