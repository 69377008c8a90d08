#include "lenslet/data/csv.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/csv_labels.h"
#include "lenslet/data/csv_rows.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Counted from 0.
int64_t LabelColumn(const CsvOptions& options) {
  const int64_t column = options.label_column;
  return column < 0 ? column + options.image_shape.elements() + 1 : column;
}

absl::Status CheckOptions(const CsvOptions& options) {
  const Shape& shape = options.image_shape;
  // A column more, for the label, must still be countable.
  if (shape.rank() < 1 || shape.rank() >= Shape::kMaxRank ||
      shape.elements() < 1 ||
      shape.elements() == std::numeric_limits<int64_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("image_shape is ", shape.ToString(), "; expected 1 to ",
                     Shape::kMaxRank - 1, " dimensions, and none of them 0"));
  }
  if (LabelColumn(options) < 0 || LabelColumn(options) > shape.elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "label_column is ", options.label_column, "; expected a number in [",
        -shape.elements() - 1, ", ", shape.elements(),
        "], up to the number of pixels of image_shape ", shape.ToString()));
  }
  if (options.class_names.size() > kMaxClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat("class_names has ", options.class_names.size(),
                     " names; expected at most ", kMaxClasses));
  }
  return absl::OkStatus();
}

absl::Status CheckColumns(const std::string& path, int64_t number,
                          absl::string_view line, const CsvOptions& options,
                          char separator) {
  const int64_t columns = CountCells(line, separator);
  const int64_t pixels = options.image_shape.elements();
  if (columns == pixels + 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ":", number, ": has ", columns, " columns, too ",
      columns < pixels + 1 ? "few" : "many", "; expected ", pixels + 1,
      ": the label and ", pixels, " pixels of an image of shape ",
      options.image_shape.ToString(),
      columns == pixels + 2
          ? "; if the first one is an index, ignore: \"0\" leaves it out; "
            "label_column counts it"
      : columns > 1 ? ""
                    : absl::StrCat("; columns are separated by ",
                                   SeparatorName(separator),
                                   ", unless separator says otherwise")));
}

// Calls `use(number, line)` for each row, whose columns are as many as there
// should be.
absl::Status ForEachRow(
    const std::string& path, const CsvOptions& options, char separator,
    const std::function<absl::Status(int64_t, absl::string_view)>& use) {
  return ForEachCsvRow(
      path, separator, options.has_header,
      [&](int64_t number, absl::string_view line) -> absl::Status {
        LENSLET_RETURN_IF_ERROR(
            CheckColumns(path, number, line, options, separator));
        return use(number, line);
      });
}

// Reads a row whose columns were counted: `pixels` has room for all but one.
absl::Status ParseRow(CsvPlace place, CsvCells cells, int64_t label_column,
                      CsvLabels& labels, int32_t* label, uint8_t* pixels) {
  for (place.column = 0; cells.Next(); ++place.column) {
    if (place.column == label_column) {
      LENSLET_ASSIGN_OR_RETURN(*label, labels.Parse(place, cells.cell()));
    } else {
      LENSLET_ASSIGN_OR_RETURN(*pixels++, ParseCsvByte(place, cells.cell()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Dataset> LoadCsv(const std::string& path,
                                const CsvOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(options));
  // Memory is asked for when the file is known to have as many values.
  LENSLET_ASSIGN_OR_RETURN(const char separator,
                           FindCsvSeparator(path, options.column_separator));
  int64_t rows = 0;
  LENSLET_RETURN_IF_ERROR(
      ForEachRow(path, options, separator, [&](int64_t, absl::string_view) {
        ++rows;
        return absl::OkStatus();
      }));
  if (rows == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is empty; expected rows of numbers",
                     options.has_header ? " after the header" : ""));
  }
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           options.image_shape.WithOuter(rows));
  absl::StatusOr<Tensor> inputs = Tensor::Create(ElementType::kUint8, shape);
  if (!inputs.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", inputs.status().message()));
  }
  arrays.inputs = *std::move(inputs);

  const absl::Status changed = absl::DataLossError(absl::StrCat(
      path, ": changed while it was read; it had ", rows, " rows at first"));
  CsvLabels labels(options.class_names);
  std::vector<int32_t> classes(rows);
  uint8_t* const first_pixel = arrays.inputs.data<uint8_t>();
  int64_t row = 0;
  LENSLET_RETURN_IF_ERROR(ForEachRow(
      path, options, separator, [&](int64_t number, absl::string_view line) {
        if (row == rows) return changed;
        const absl::Status status =
            ParseRow({.path = path, .line = number, .column = 0},
                     CsvCells(line, separator), LabelColumn(options), labels,
                     classes.data() + row,
                     first_pixel + row * options.image_shape.elements());
        ++row;
        return status;
      }));
  if (row != rows) return changed;
  std::vector<std::string> names = labels.Finish(absl::MakeSpan(classes));
  LENSLET_ASSIGN_OR_RETURN(arrays.targets, ClassTensor(classes, {rows}));
  LENSLET_ASSIGN_OR_RETURN(Dataset dataset,
                           MakeDataset(std::move(arrays), std::move(names)));
  dataset.other_columns = {LabelColumn(options)};
  return dataset;
}

}  // namespace lenslet
