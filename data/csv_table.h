// Loads tables from comma-separated values: columns of numbers that are inputs,
// and columns that are targets.
//
//   id,rooms,area,price
//   1,3,71.5,310000
//   2,2,48.25,215000

#ifndef LENSLET_DATA_CSV_TABLE_H_
#define LENSLET_DATA_CSV_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Columns are named by the header; or by a number: "0" is the first, "-1" the
// last. A name comes before a number.
struct CsvTableOptions {
  // Whether the first line has the columns' names.
  bool has_header = true;
  // What separates the columns. By default, what separates them in the first
  // line: commas, tabs, semicolons or bars.
  std::optional<char> column_separator = {};
  // Whether numbers have a comma in place of the decimal point.
  bool decimal_comma = false;
  // Whether the columns that are neither targets nor left out are inputs, in
  // their order. If not, they are not looked at.
  bool has_inputs = true;
  // If not empty, the columns of inputs, in this order: others are not looked
  // at.
  std::vector<std::string> input_columns = {};
  // Of inputs: float32 for any finite numbers, uint8 for whole ones from 0 to
  // 255.
  ElementType type = ElementType::kFloat32;
  // The shape of an input, with a column for each element. By default, [number
  // of input columns].
  std::optional<Shape> shape = {};
  // The columns to leave out.
  std::vector<std::string> ignore = {};
  // kValues: any columns, each a finite number. kClasses: one column, with a
  // class as in data/csv.h. kLabels: one column, with any number of words
  // between separators.
  TargetKind kind = TargetKind::kValues;
  std::vector<std::string> target_columns = {};
  // What names the target columns, for errors.
  std::string target_source = "data.target";
  std::string separator = ";";
  // The names of the classes or labels, such as those of the training
  // examples. If empty, they come from the file.
  std::vector<std::string> target_names = {};
  // Where target_names come from, for errors.
  std::string target_names_source = "the training examples";
  // If not empty, a column whose cells are texts.
  std::string text_column = {};
  // Whether errors advise fields of a recipe (CsvProto). Otherwise only what
  // may be done to the file.
  bool has_recipe = true;
  // Whether to fill CsvTable::lines.
  bool keep_lines = false;
  // The header that the file must have, such as that of the training examples,
  // which is in `header_file`. If empty, any.
  std::vector<std::string> header = {};
  std::string header_file = {};
};

struct CsvTable {
  // [rows, ...]; without inputs, [rows, 0].
  Tensor inputs;
  // As in ExampleArrays (data/arrays.h).
  Tensor targets;
  std::vector<std::string> target_names;
  // Of the columns of inputs, if there is a header.
  std::vector<std::string> input_names;
  // The columns that are no inputs, from 0.
  std::vector<int64_t> other_columns;
  std::vector<std::string> texts;
  std::vector<std::string> header;
  // Of each row, the number of its first line, counted from 1.
  std::vector<int64_t> lines;
  // The number of the first column, if that is an input, but seems to be an
  // index: IsNameOfIndex(), and its numbers are those of the rows, from 0 or 1.
  // Otherwise empty.
  std::string index_column = {};
};

// Whether a column of this name may be an index: "", as pandas writes it, or
// "Unnamed: 0", as pandas names it when it reads that.
bool IsNameOfIndex(absl::string_view name);

// The most labels of a file.
inline constexpr int64_t kMaxLabels = 4096;

// Reads a plain or gzip file, in the form of data/csv.h. Numbers are rounded to
// the nearest float. Labels are sorted by bytes;
// blanks around them do not count, and an empty cell has none. Values are named
// by their columns, if there is a header. Reads the file twice.
//
// Errors, naming the file: those of its lines as in LoadCsv() (data/csv.h);
// InvalidArgument for a column that does not exist, or is named twice; inputs
// of the same name; columns that do not fill the shape; a header other than
// `header`; more than kMaxLabels labels; and, with line and column, for cells
// that are empty, not a number or not finite, or not one of the `target_names`;
// if no cell of labels has the separator, but one has another that is usual:
// ";", "|" or a tab. Given names of labels may contain those.
absl::StatusOr<CsvTable> LoadCsvTable(const std::string& path,
                                      const CsvTableOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_TABLE_H_
