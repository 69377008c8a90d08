#include "lenslet/data/csv_source.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/csv.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/csv_labels.h"
#include "lenslet/data/csv_rows.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

std::optional<char> ColumnSeparator(const CsvProto& csv) {
  if (csv.separator().empty()) return std::nullopt;
  return csv.separator()[0];
}

absl::Status CheckSeparator(const CsvProto& csv) {
  const std::string& separator = csv.separator();
  if (separator.empty() ||
      (separator.size() == 1 && !absl::ascii_isalnum(separator[0]) &&
       separator != "\"" && separator != "\n")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("data.csv.separator is \"", absl::CHexEscape(separator),
                   "\"; expected one character, such as \";\" or \"\\t\""));
}

absl::StatusOr<CsvOptions> ReadCsvOptions(const CsvProto& csv) {
  CsvOptions options = {.has_header = csv.has_header(),
                        .label_column = csv.label_column(),
                        .column_separator = ColumnSeparator(csv)};
  if (csv.shape_size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(
        options.image_shape,
        ReadDataShape("csv.shape", {csv.shape().begin(), csv.shape().end()}));
  }
  const int64_t pixels = options.image_shape.elements();
  if (csv.label_column() > pixels || csv.label_column() < -pixels - 1) {
    return DataFieldOutOfRange(
        "csv.label_column", csv.label_column(),
        absl::StrCat("[", -pixels - 1, ", ", pixels, "], for images of shape ",
                     options.image_shape.ToString()));
  }
  return options;
}

// Whether the file has more than pixels and labels.
bool IsTable(const DataProto& data) {
  return data.csv().numbers() == CsvProto::FLOAT ||
         data.csv().ignore_size() > 0 ||
         data.target().kind_case() != TargetProto::KIND_NOT_SET;
}

absl::StatusOr<CsvTableOptions> ReadTableOptions(const DataProto& data) {
  const CsvProto& csv = data.csv();
  CsvTableOptions options = {
      .has_header = csv.has_header(),
      .ignore = {csv.ignore().begin(), csv.ignore().end()}};
  SetTableForm(csv, options);
  if (csv.numbers() == CsvProto::BYTES) {
    options.type = ElementType::kUint8;
    options.shape = CsvOptions().image_shape;
  }
  if (csv.shape_size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(
        options.shape,
        ReadDataShape("csv.shape", {csv.shape().begin(), csv.shape().end()}));
  }
  LENSLET_RETURN_IF_ERROR(CheckTargetColumns(data.target()));
  SetTableTarget(data.target(), options);
  if (data.target().kind_case() == TargetProto::KIND_NOT_SET) {
    options.kind = TargetKind::kClasses;
    options.target_columns = {absl::StrCat(csv.label_column())};
    options.target_source =
        "data.csv.label_column, 0 by default; data.target may name another";
  } else if (csv.label_column() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.csv.label_column is ", csv.label_column(),
                     ", and there is a data.target; expected one of both"));
  }
  return options;
}

absl::Status CheckCsv(const DataProto& data) {
  LENSLET_RETURN_IF_ERROR(CheckSeparator(data.csv()));
  return IsTable(data) ? ReadTableOptions(data).status()
                       : ReadCsvOptions(data.csv()).status();
}

absl::StatusOr<Dataset> DatasetOf(const std::string& path, TargetKind kind,
                                  CsvTable& table) {
  absl::StatusOr<Dataset> dataset =
      MakeDataset({.inputs = std::move(table.inputs),
                   .targets = std::move(table.targets),
                   .kind = kind},
                  std::move(table.target_names));
  if (dataset.ok()) {
    dataset->input_names = std::move(table.input_names);
    dataset->other_columns = std::move(table.other_columns);
    return dataset;
  }
  return absl::Status(dataset.status().code(),
                      absl::StrCat(path, ": ", dataset.status().message()));
}

absl::Status ReadTables(const DataProto& data, const LoadDataOptions& options,
                        SourceExamples& examples) {
  LENSLET_ASSIGN_OR_RETURN(CsvTableOptions table_options,
                           ReadTableOptions(data));
  const std::string train = options.PathOf(data.csv().train_file());
  LENSLET_ASSIGN_OR_RETURN(CsvTable table, LoadCsvTable(train, table_options));
  if (!table.index_column.empty()) {
    examples.warnings.push_back(absl::StrCat(
        train, ": column 1 (\"", table.header[0],
        "\") numbers the rows, as an index that pandas writes, and is an "
        "input; to leave it out, ignore: \"",
        table.index_column, "\""));
  }
  table_options.header = std::move(table.header);
  table_options.header_file = train;
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           DatasetOf(train, table_options.kind, table));
  if (data.csv().test_file().empty()) return absl::OkStatus();
  if (table_options.kind != TargetKind::kValues) {
    table_options.target_names = examples.train.target_names;
  }
  const std::string test = options.PathOf(data.csv().test_file());
  LENSLET_ASSIGN_OR_RETURN(table, LoadCsvTable(test, table_options));
  LENSLET_ASSIGN_OR_RETURN(examples.test,
                           DatasetOf(test, table_options.kind, table));
  return absl::OkStatus();
}

absl::Status ReadPixels(const CsvProto& csv, const LoadDataOptions& options,
                        SourceExamples& examples) {
  LENSLET_ASSIGN_OR_RETURN(CsvOptions csv_options, ReadCsvOptions(csv));
  LENSLET_ASSIGN_OR_RETURN(
      examples.train, LoadCsv(options.PathOf(csv.train_file()), csv_options));
  if (csv.test_file().empty()) return absl::OkStatus();
  csv_options.class_names = examples.train.target_names;
  LENSLET_ASSIGN_OR_RETURN(
      examples.test, LoadCsv(options.PathOf(csv.test_file()), csv_options));
  return absl::OkStatus();
}

// Notes a header that has numbers, and words only where the next row has none:
// the first row of a file without a header is so.
void NoteRowAsHeader(const std::string& path, const CsvProto& csv,
                     std::vector<std::string>& warnings) {
  if (!csv.has_header()) return;
  absl::StatusOr<CsvRowReader> reader =
      CsvRowReader::Open(path, ColumnSeparator(csv));
  if (!reader.ok()) return;  // Loading it says so.
  std::string first_line;
  int64_t number = 0;
  std::vector<std::string> rows[2];
  for (std::vector<std::string>& row : rows) {
    const absl::StatusOr<bool> has_row = reader->Next();
    if (!has_row.ok() || !*has_row) return;
    if (number == 0) {
      number = reader->number();
      first_line = std::string(reader->row());
    }
    std::string room;
    for (const absl::string_view cell :
         SplitCells(reader->row(), reader->separator())) {
      row.emplace_back(UnquotedCell(cell, room).value_or(cell));
    }
  }
  const auto& [first, second] = rows;
  if (first.size() != second.size()) return;
  const auto is_number = [](absl::string_view cell) {
    return LooksLikeNumber(cell) || HasDecimalComma(cell);
  };
  if (std::none_of(first.begin(), first.end(), is_number)) return;
  for (size_t i = 0; i < first.size(); ++i) {
    if (!is_number(first[i]) && is_number(second[i])) return;
  }
  if (AreNumbersOfColumns(
          std::vector<absl::string_view>(first.begin(), first.end()))) {
    return;
  }
  warnings.push_back(
      absl::StrCat(path, ":", number,
                   ": is skipped as a header, but looks like an example: ",
                   Printable(Abbreviate(first_line, 40)),
                   "; if it is one, remove data.csv.has_header"));
}

// Notes a file with commas between its columns, too, in which all numbers with
// a comma are like "1,100": who writes so means thousands.
void NoteThousands(const std::string& path, const CsvProto& csv,
                   std::vector<std::string>& warnings) {
  constexpr int64_t kMostRows = 1000;
  if (!csv.decimal_comma()) return;
  absl::StatusOr<CsvRowReader> reader =
      CsvRowReader::Open(path, ColumnSeparator(csv));
  if (!reader.ok()) return;  // Loading it says so.
  std::string found, room;
  while (reader->number() < kMostRows) {
    const absl::StatusOr<bool> has_row = reader->Next();
    if (!has_row.ok() || !*has_row) break;
    if (reader->separator() != ',') return;
    for (const absl::string_view text :
         SplitCells(reader->row(), reader->separator())) {
      const absl::string_view cell = UnquotedCell(text, room).value_or(text);
      if (!HasDecimalComma(cell)) continue;
      if (!MayHaveThousands(cell, ',')) return;
      if (!found.empty()) continue;
      found = absl::StrCat(path, ":", reader->number(), ": \"", cell,
                           "\" is read with a decimal point, as decimal_comma "
                           "is set; if its comma separates thousands, as in "
                           "all such cells, take these commas out of the file");
    }
  }
  if (!found.empty()) warnings.push_back(found);
}

absl::StatusOr<SourceExamples> ReadCsv(const DataProto& data,
                                       const LoadDataOptions& options) {
  const CsvProto& csv = data.csv();
  SourceExamples examples = {.description =
                                 absl::StrCat("CSV file ", csv.train_file())};
  for (const std::string& file : {csv.train_file(), csv.test_file()}) {
    if (file.empty()) continue;
    NoteRowAsHeader(options.PathOf(file), csv, examples.warnings);
    NoteThousands(options.PathOf(file), csv, examples.warnings);
  }
  if (IsTable(data)) {
    LENSLET_RETURN_IF_ERROR(ReadTables(data, options, examples));
  } else {
    LENSLET_RETURN_IF_ERROR(ReadPixels(csv, options, examples));
  }
  LENSLET_RETURN_IF_ERROR(NoteLabels(csv.train_file(), options, examples));
  return examples;
}

}  // namespace

absl::Status NoteLabels(const std::string& file, const LoadDataOptions& options,
                        SourceExamples& examples) {
  if (examples.train.examples->target().kind != TargetKind::kValues) {
    for (const std::string& note :
         NotesOfMissingLabels(examples.train.target_names)) {
      examples.warnings.push_back(absl::StrCat(file, ": ", note));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const bool lacks_first,
                           LacksFirstIndex(examples.train));
  // Names that are given, as those of a model, are those of all classes.
  if (lacks_first && options.class_names.empty()) {
    examples.warnings.push_back(
        absl::StrCat(file,
                     ": no training example has label 0, which is a class, "
                     "too; if labels count from 1, subtract 1, or write words, "
                     "such as \"class 1\""));
  }
  return absl::OkStatus();
}

DataSource CsvSource() {
  return {
      .name = "csv", .check = CheckCsv, .read = ReadCsv, .has_columns = true};
}

void SetTableForm(const CsvProto& csv, CsvTableOptions& options) {
  options.column_separator = ColumnSeparator(csv);
  options.decimal_comma = csv.decimal_comma();
}

void SetTableTarget(const TargetProto& target, CsvTableOptions& options) {
  switch (target.kind_case()) {
    case TargetProto::kValue:
      options.kind = TargetKind::kValues;
      options.target_columns = {target.value().columns().begin(),
                                target.value().columns().end()};
      break;
    case TargetProto::kClasses:
      options.kind = TargetKind::kLabels;
      options.target_columns = {target.classes().column()};
      if (!target.classes().separator().empty()) {
        options.separator = target.classes().separator();
      }
      options.target_names = {target.classes().names().begin(),
                              target.classes().names().end()};
      if (!options.target_names.empty()) {
        options.target_names_source = "data.target.classes.names";
      }
      break;
    case TargetProto::kLabel:
      options.kind = TargetKind::kClasses;
      options.target_columns = {target.label().column()};
      break;
    case TargetProto::kInput:
    case TargetProto::KIND_NOT_SET:
      break;
  }
}

absl::Status CheckTargetColumns(const TargetProto& target) {
  if (target.has_value() && target.value().columns().empty()) {
    return MissingDataField("target.value.columns");
  }
  if (target.has_classes() && target.classes().column().empty()) {
    return MissingDataField("target.classes.column");
  }
  if (target.has_label() && target.label().column().empty()) {
    return MissingDataField("target.label.column");
  }
  return absl::OkStatus();
}

}  // namespace lenslet
