// Bytes as a CSV file of labeled images, read with and without a header and
// with labels in the first or the last column: what is read, written as plainly
// as can be, is read as the same. The guess of the file's form is one that
// LoadCsv() accepts.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/csv.h"
#include "lenslet/data/csv_form.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/dataset.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Words may be such that only quotation marks keep them apart.
std::string Written(const Dataset& dataset) {
  std::string text;
  const int64_t pixels = dataset.example_shape().elements();
  const Tensor images = dataset.Inputs().value();
  const std::vector<int32_t> labels = dataset.Classes().value();
  const uint8_t* pixel = images.data<uint8_t>();
  for (int64_t i = 0; i < dataset.size(); ++i) {
    absl::StrAppend(
        &text, "\"",
        absl::StrReplaceAll(dataset.target_names[labels[i]], {{"\"", "\"\""}}),
        "\"");
    for (int64_t j = 0; j < pixels; ++j) absl::StrAppend(&text, ",", *pixel++);
    text += "\n";
  }
  return text;
}

void CheckDataset(const Dataset& dataset, const CsvOptions& options) {
  LENSLET_CHECK(dataset.size() >= 1);
  LENSLET_CHECK(dataset.example_shape() == options.image_shape);
  LENSLET_CHECK(dataset.target_names.size() <= kMaxClasses);
  const std::vector<int32_t> labels = dataset.Classes().value();
  for (const int32_t label : labels) {
    LENSLET_CHECK(label < static_cast<int64_t>(dataset.target_names.size()));
  }
}

void ReadWith(const CsvOptions& options, const std::string& path) {
  const absl::StatusOr<Dataset> dataset = LoadCsv(path, options);
  if (!dataset.ok()) return CheckError(dataset.status());
  CheckDataset(*dataset, options);
  // A line break in quotation marks is read as "\n".
  for (const std::string& name : dataset->target_names) {
    if (absl::StrContains(name, "\r\n")) return;
  }
  const MemoryFile written(Written(*dataset));
  const absl::StatusOr<Dataset> again =
      LoadCsv(written.path(), {.image_shape = options.image_shape,
                               .class_names = dataset->target_names});
  LENSLET_CHECK(again.ok() && Written(*again) == Written(*dataset));
}

void GuessForm(const std::string& path) {
  const absl::StatusOr<CsvForm> form = GuessCsvForm(path);
  if (!form.ok()) return CheckError(form.status());
  const bool has_numbers = form->number_column.has_value();
  LENSLET_CHECK(form->image_shape.elements() ==
                form->columns - (has_numbers ? 2 : 1));
  LENSLET_CHECK(form->label_column >= 0 && form->label_column < form->columns);
  if (has_numbers) return;
  ReadWith({.has_header = form->has_header,
            .label_column = form->label_column,
            .image_shape = form->image_shape},
           path);
}

// As a table of floats, with targets of each kind in the last column.
void ReadTable(const std::string& path) {
  for (const bool has_header : {false, true}) {
    for (const TargetKind kind :
         {TargetKind::kClasses, TargetKind::kLabels, TargetKind::kValues}) {
      const absl::StatusOr<CsvTable> table = LoadCsvTable(
          path,
          {.has_header = has_header, .kind = kind, .target_columns = {"-1"}});
      if (!table.ok()) {
        CheckError(table.status());
        continue;
      }
      for (const float number : table->inputs.span()) {
        LENSLET_CHECK(std::isfinite(number));
      }
      LENSLET_CHECK(table->inputs.shape().dim(0) ==
                    table->targets.shape().dim(0));
    }
  }
}

// As many pixels as the first line has room for.
Shape ImageShape(absl::string_view text) {
  const absl::string_view line = text.substr(0, text.find('\n'));
  const int64_t commas = std::count(line.begin(), line.end(), ',');
  return {std::max<int64_t>(commas, 1), 1};
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = lenslet::AsText(data, size);
  const lenslet::MemoryFile file(text);
  const lenslet::Shape shape = lenslet::ImageShape(text);
  for (const bool has_header : {false, true}) {
    for (const int64_t label_column : {int64_t{0}, shape.elements()}) {
      lenslet::ReadWith({.has_header = has_header,
                         .label_column = label_column,
                         .image_shape = shape},
                        file.path());
    }
  }
  lenslet::GuessForm(file.path());
  lenslet::ReadTable(file.path());
  return 0;
}
