#include "lenslet/data/survey_csv.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv.h"
#include "lenslet/data/csv_form.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/image_sampler.h"
#include "lenslet/data/survey_parts.h"
#include "lenslet/data/table_form.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The least and the largest pixel.
absl::StatusOr<std::pair<int, int>> PixelRange(const Dataset& dataset) {
  int least = 255, most = 0;
  const int64_t elements = dataset.example_shape().elements();
  ExampleBatch batch;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(*dataset.examples, {i}));
    const auto* pixels = static_cast<const uint8_t*>(batch.inputs()[0]);
    const auto [low, high] = std::minmax_element(pixels, pixels + elements);
    least = std::min<int>(least, *low);
    most = std::max<int>(most, *high);
  }
  return std::pair(least, most);
}

absl::StatusOr<Dataset> LoadForm(const std::string& path, const CsvForm& form) {
  if (!form.number_column.has_value()) {
    return LoadCsv(path, {.has_header = form.has_header,
                          .label_column = form.label_column,
                          .image_shape = form.image_shape});
  }
  // Numbers from the start may be names of other columns.
  LENSLET_ASSIGN_OR_RETURN(
      CsvTable table,
      LoadCsvTable(path, {.has_header = form.has_header,
                          .type = ElementType::kUint8,
                          .shape = form.image_shape,
                          .ignore = {form.number_name},
                          .kind = TargetKind::kClasses,
                          .target_columns = {absl::StrCat(form.label_column -
                                                          form.columns)}}));
  return MakeDataset(
      {.inputs = std::move(table.inputs), .targets = std::move(table.targets)},
      std::move(table.target_names));
}

absl::StatusOr<DataSurvey> SurveyPixels(const std::string& path,
                                        const CsvForm& form) {
  LENSLET_ASSIGN_OR_RETURN(const Dataset dataset, LoadForm(path, form));
  DataSurvey survey = {.kind = "CSV file of pixels"};
  CsvProto& source = *survey.data.mutable_csv();
  source.set_train_file(path);
  source.set_has_header(form.has_header);
  source.set_label_column(form.label_column);
  if (form.number_column.has_value()) {
    source.add_ignore(form.number_name);
    survey.notes.push_back(absl::StrCat("column ", *form.number_column + 1,
                                        " numbers the rows and is left out"));
  }
  for (const int64_t size : form.image_shape.dims()) source.add_shape(size);
  LENSLET_RETURN_IF_ERROR(SetExamples(dataset, {}, survey));
  LENSLET_ASSIGN_OR_RETURN(const auto range, PixelRange(dataset));
  const auto [least, most] = range;
  if (least == most) {
    return WrongData(path, absl::StrCat("all pixels are ", least),
                     "pixels that differ");
  }
  survey.notes.push_back(absl::StrCat(
      "labels in column ", form.label_column + 1, " of ", form.columns, ", ",
      form.has_header ? "after a header" : "without a header", "; pixels from ",
      least, " to ", most, "; ", kOtherTarget));
  if (form.image_shape.rank() == 1) {
    survey.warnings.push_back(absl::StrCat(
        form.image_shape.dim(0),
        " pixels in a row are no square image; if they are another one, set "
        "its shape in the recipe and the model"));
  }
  return survey;
}

// The columns of a table in the survey's data.
void SetTarget(const TableForm& form, DataProto& data) {
  switch (form.kind) {
    case TargetKind::kClasses:
      data.mutable_target()->mutable_label()->set_column(form.target);
      break;
    case TargetKind::kLabels: {
      ClassesTargetProto& classes = *data.mutable_target()->mutable_classes();
      classes.set_column(form.target);
      if (form.separator != ";") classes.set_separator(form.separator);
      break;
    }
    case TargetKind::kValues:
      data.mutable_target()->mutable_value()->add_columns(form.target);
      break;
  }
}

std::vector<int32_t> ClassesOf(const Tensor& targets) {
  if (targets.type() == ElementType::kUint8) {
    return {targets.span<uint8_t>().begin(), targets.span<uint8_t>().end()};
  }
  return {targets.span().begin(), targets.span().end()};
}

// Whether data that is neither pixels nor images is a table: it has numbers
// with decimals, several labels or the names of images.
bool LooksLikeTable(const TableForm& form) {
  return form.has_floats || form.kind == TargetKind::kLabels ||
         !form.image_column.empty();
}

// "column 5 (\"price\")"
std::string TargetColumnText(const TableForm& form) {
  return absl::StrCat("column ", form.target_column + 1,
                      form.has_header
                          ? absl::StrCat(" (\"", Printable(form.target), "\")")
                          : "");
}

// "the target is column 5 (\"price\") of 5 columns, of numbers; ..."
std::string TargetNote(const TableForm& form,
                       const std::vector<std::string>& classes) {
  std::string what;
  if (form.kind == TargetKind::kValues) {
    what =
        "of numbers; for classes, write target { label { column: ... } } and "
        "loss { cross_entropy {} } in the recipe, and as many output_features "
        "as there are classes in the last layer of the model";
  } else if (form.kind == TargetKind::kLabels) {
    what = absl::StrCat("of labels separated by \"", form.separator, "\"");
  } else {
    what =
        absl::StrCat("of the ", classes.size(), " classes ", NamesOf(classes));
  }
  return absl::StrCat("the target is ", TargetColumnText(form), " of ",
                      form.columns, " columns, ", what, "; ", kOtherTarget);
}

absl::StatusOr<DataSurvey> SurveyTable(const std::string& path,
                                       const TableForm& form) {
  const bool has_images = !form.image_column.empty();
  DataSurvey survey = {
      .kind = has_images ? "images with a CSV file" : "CSV file of a table",
      .target = form.kind};
  LENSLET_ASSIGN_OR_RETURN(
      CsvTable table,
      LoadCsvTable(path, {.has_header = form.has_header,
                          .decimal_comma = form.decimal_comma,
                          .has_inputs = !has_images,
                          .ignore = has_images ? std::vector<std::string>()
                                               : form.ignore,
                          .kind = form.kind,
                          .target_columns = {form.target},
                          .separator = form.separator,
                          .text_column = form.image_column}));
  const int64_t rows = table.targets.shape().dim(0);
  SetTarget(form, survey.data);
  survey.class_names = table.target_names;
  if (form.kind == TargetKind::kValues) survey.class_names = {form.target};
  survey.train_counts = {rows};
  if (form.kind == TargetKind::kClasses) {
    survey.train_counts.assign(table.target_names.size(), 0);
    for (const int32_t c : ClassesOf(table.targets)) ++survey.train_counts[c];
  }
  survey.target_column = TargetColumnText(form);
  survey.notes.push_back(TargetNote(form, survey.class_names));
  if (has_images) {
    ImageTableProto& source = *survey.data.mutable_image_table();
    source.set_train_file(path);
    source.set_image_column(form.image_column);
    source.set_directory(form.image_folder);
    ImageSampler sampler(survey);
    const ImageClass images = {
        .name = "", .folder = form.image_folder, .files = table.texts};
    sampler.Sample({images}, /*is_train=*/true);
    LENSLET_RETURN_IF_ERROR(sampler.Finish(path));
    source.set_on_unreadable(sampler.on_unreadable());
    return survey;
  }
  CsvProto& source = *survey.data.mutable_csv();
  source.set_train_file(path);
  source.set_has_header(form.has_header);
  source.set_numbers(CsvProto::FLOAT);
  source.set_decimal_comma(form.decimal_comma);
  source.mutable_ignore()->Assign(form.ignore.begin(), form.ignore.end());
  constexpr size_t kMostWarnings = 5;
  for (size_t i = 0; i < form.warnings.size(); ++i) {
    if (i == kMostWarnings) {
      survey.warnings.push_back(
          absl::StrCat(CountOf(static_cast<int64_t>(form.warnings.size() - i),
                               "other column is", "other columns are"),
                       " left out for the same reason"));
      break;
    }
    survey.warnings.push_back(form.warnings[i]);
  }
  SetShape(
      form.pixels.value_or(Shape({table.inputs.shape().elements() / rows})),
      survey);
  if (survey.shape.rank() == 3) {
    for (const int64_t size : survey.shape.dims()) source.add_shape(size);
  }
  survey.type = ElementType::kFloat32;
  if (!form.ignore.empty()) {
    survey.notes.push_back(absl::StrCat("left out: ", NamesOf(form.ignore)));
  }
  return survey;
}

}  // namespace

absl::StatusOr<DataSurvey> SurveyCsvFile(const std::string& path,
                                         const std::string& target) {
  absl::StatusOr<CsvForm> pixels = GuessCsvForm(path);
  const bool are_pixels = pixels.ok() && pixels->looks_like_pixels;
  if (are_pixels && target.empty()) {
    absl::StatusOr<DataSurvey> survey = SurveyPixels(path, *pixels);
    if (survey.ok()) return survey;
    const absl::StatusOr<TableForm> table = GuessTableForm(path, "");
    if (!table.ok() || !LooksLikeTable(*table)) return survey;
    return SurveyTable(path, *table);
  }
  const absl::StatusOr<TableForm> table = GuessTableForm(path, target);
  LENSLET_RETURN_IF_ERROR(table.status());
  if (are_pixels && table->kind == TargetKind::kClasses &&
      table->target_column != pixels->number_column) {
    pixels->label_column = table->target_column;
    absl::StatusOr<DataSurvey> survey = SurveyPixels(path, *pixels);
    if (survey.ok()) return survey;
  }
  return SurveyTable(path, *table);
}

}  // namespace lenslet
