// Guesses what the columns of a table in a CSV file are: inputs, a target, and
// columns to leave out.

#ifndef LENSLET_DATA_TABLE_FORM_H_
#define LENSLET_DATA_TABLE_FORM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct TableForm {
  bool has_header = false;
  // Columns are named as in CsvTableOptions (data/csv_table.h): by the header,
  // or by number.
  std::string target;
  int64_t target_column = 0;  // From 0.
  int64_t columns = 0;
  // kLabels if a cell of the target has a separator; kClasses of words; or of
  // whole numbers, such as -1, 7 and 2.0, in a column that is called "label",
  // "class" and so on, if they are bytes, at most 20 or of several rows each,
  // or others of which each comes several times; or of 0
  // and 1, -1 and 1, or two others; or, without a header, of at most 20 from
  // -1, 0 or 1 without gaps; otherwise kValues.
  TargetKind kind = TargetKind::kValues;
  std::string separator = ";";
  // Whether some numbers have a comma in place of the decimal point. If commas
  // separate the columns, too, and all numbers with one are like 12,345, they
  // separate thousands; if other numbers have a decimal comma, and all points
  // are as in 12.345, these do.
  bool decimal_comma = false;
  // Columns of words, those with a cell that is no finite number, those with
  // commas in numbers if others have decimal points, those with separated
  // thousands, those that number the rows, and those called "id" or "index";
  // not the target and the names of images.
  std::vector<std::string> ignore = {};
  // "PATH:LINE: column 2 ("area") is "nan", which is no number ...", for each
  // column that looks like numbers and is in `ignore`.
  std::vector<std::string> warnings = {};
  // The column with names of image files in the folder `image_folder`; or "".
  std::string image_column = {};
  std::string image_folder = {};
  // Whether most numbers of a column of inputs are not whole or not from 0 to
  // 255.
  bool has_floats = false;
  // The shape of the inputs, if most have names of pixels.
  std::optional<Shape> pixels = {};
};

// Reads all rows of a plain or gzip file, since a single cell that is no number
// leaves out its column. A first line of words is a header, as is one that
// numbers the columns, as CountColumns() (data/csv_cell.h) says. The target is
// the column `target`, a name or a number; or if that is "", the one called
// "label", "class", "target" or "category"; or the first with several labels in
// a cell; or the only one with words that repeat; or the one called "y"; or the
// last one with numbers. Images are in the folder of the file, or in a folder
// in it. Errors: CsvRowReader's (data/csv_rows.h); InvalidArgument for a file
// of one column or without rows, without inputs, for rows with more or fewer
// columns than the first, and for a target that is not there.
absl::StatusOr<TableForm> GuessTableForm(const std::string& path,
                                         const std::string& target);

}  // namespace lenslet

#endif  // LENSLET_DATA_TABLE_FORM_H_
