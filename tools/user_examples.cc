#include "lenslet/tools/user_examples.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/csv_rows.h"
#include "lenslet/data/csv_source.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/npy.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

constexpr absl::string_view kNpyStart = "\x93NUMPY";

bool IsImageShape(const Shape& shape) {
  return shape.rank() == 3 && (shape.dim(2) == 1 || shape.dim(2) == 3);
}

DataProto RecipeData(const CheckpointProto& checkpoint) {
  const absl::StatusOr<RecipeProto> recipe =
      RecipeFromBytes(checkpoint.recipe());
  return recipe.ok() ? recipe->data() : DataProto();
}

absl::StatusOr<std::vector<std::string>> ReadFirstRow(
    const std::string& path, std::optional<char> separator) {
  LENSLET_ASSIGN_OR_RETURN(CsvRowReader reader,
                           CsvRowReader::Open(path, separator));
  LENSLET_ASSIGN_OR_RETURN(const bool has_row, reader.Next());
  std::vector<std::string> first;
  if (!has_row) return first;
  std::string room;
  for (const absl::string_view cell :
       SplitCells(reader.row(), reader.separator())) {
    first.emplace_back(UnquotedCell(cell, room).value_or(cell));
  }
  return first;
}

// Whether the cells are a header, of a model whose inputs had `names` in
// training, if any: they have all of the names; or words and one of the names,
// or words and no numbers. A row of numbers and a class is none.
bool IsHeader(const std::vector<std::string>& cells,
              const std::vector<std::string>& names) {
  const auto named =
      std::count_if(names.begin(), names.end(), [&](const std::string& name) {
        return std::find(cells.begin(), cells.end(), name) != cells.end();
      });
  if (named > 0 && named == static_cast<int64_t>(names.size())) return true;
  const auto numbers =
      std::count_if(cells.begin(), cells.end(), [](const std::string& cell) {
        return LooksLikeNumber(cell) || HasDecimalComma(cell);
      });
  const bool has_words = numbers < static_cast<int64_t>(cells.size());
  return has_words && (named > 0 || numbers == 0);
}

absl::StatusOr<UserExamples> LoadRows(const std::string& path,
                                      const CheckpointProto& checkpoint,
                                      const Shape& input) {
  CsvTableOptions options = {.type = InputTypeOf(checkpoint),
                             .shape = input,
                             .has_recipe = false,
                             .keep_lines = true};
  SetTableForm(RecipeData(checkpoint).csv(), options);
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::string> first,
                           ReadFirstRow(path, options.column_separator));
  if (first.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is empty; expected rows of numbers"));
  }
  const TrainedInputs trained = TrainedInputsFromCheckpoint(checkpoint);
  options.has_header = IsHeader(first, trained.names);
  const auto columns = static_cast<int64_t>(first.size());
  if (options.has_header && !trained.names.empty()) {
    options.input_columns = trained.names;
  } else if (columns != input.elements()) {
    const std::vector<int64_t>& others = trained.other_columns;
    const auto expected =
        input.elements() + static_cast<int64_t>(others.size());
    if (columns != expected) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": has ", columns, " columns; expected ", input.elements(),
          ", one for each number of the model's input",
          others.empty()
              ? ""
              : absl::StrCat(", or ", expected,
                             ", as the file that it was trained on")));
    }
    for (const int64_t column : others) {
      options.ignore.push_back(absl::StrCat(column));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(CsvTable table, LoadCsvTable(path, options));
  LENSLET_ASSIGN_OR_RETURN(Dataset dataset,
                           MakeDataset({.inputs = std::move(table.inputs),
                                        .targets = std::move(table.targets),
                                        .kind = TargetKind::kValues},
                                       {}));
  return UserExamples{.dataset = std::move(dataset),
                      .lines = std::move(table.lines)};
}

absl::StatusOr<UserExamples> LoadArray(const std::string& path,
                                       const CheckpointProto& checkpoint,
                                       const Shape& input) {
  NpyOptions options;
  // As the arrays of training got the shape of the model's input.
  if (RecipeData(checkpoint).npy().shape_size() > 0) options.shape = input;
  LENSLET_ASSIGN_OR_RETURN(Dataset dataset, LoadNpy(path, "", options));
  if (dataset.example_shape() != input) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": has examples of shape ", dataset.example_shape().ToString(),
        "; expected ", input.ToString(),
        ", that of the model's input, after the number of examples"));
  }
  // Without a recipe, as of other programs' models, the type may be unknown.
  TrainedInputs trained = {.type =
                               TrainedInputsFromCheckpoint(checkpoint).type};
  if (!checkpoint.recipe().empty()) trained.type = InputTypeOf(checkpoint);
  const absl::Status status = CheckTrainedInputs(trained, dataset);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", status.message()));
  }
  return UserExamples{.dataset = std::move(dataset)};
}

}  // namespace

UserFileKind KindOfUserFile(const std::string& path, const Shape& input) {
  if (absl::EndsWithIgnoreCase(path, ".npz") ||
      absl::StrContains(path, ".npz/")) {
    return UserFileKind::kNpy;
  }
  constexpr int64_t kBytesToSearch = 4096;
  const std::string start = StartOfFile(UserPath(path), kBytesToSearch);
  if (absl::StartsWith(start, kNpyStart)) return UserFileKind::kNpy;
  if (ImageFormatOf(start).has_value()) return UserFileKind::kImage;
  const bool is_named_csv = absl::EndsWithIgnoreCase(path, ".csv") ||
                            absl::EndsWithIgnoreCase(path, ".csv.gz") ||
                            absl::EndsWithIgnoreCase(path, ".tsv");
  if (start.empty() && !is_named_csv) return UserFileKind::kImage;
  const bool is_text = !absl::StrContains(start, '\0');
  return is_named_csv || (is_text && !IsImageShape(input))
             ? UserFileKind::kCsv
             : UserFileKind::kImage;
}

ElementType InputTypeOf(const CheckpointProto& checkpoint) {
  const TrainedInputs trained = TrainedInputsFromCheckpoint(checkpoint);
  if (trained.type.has_value()) return *trained.type;
  const DataProto data = RecipeData(checkpoint);
  const bool has_floats =
      data.has_npy() || data.csv().numbers() == CsvProto::FLOAT;
  return has_floats ? ElementType::kFloat32 : ElementType::kUint8;
}

absl::StatusOr<UserExamples> LoadUserExamples(const std::string& path,
                                              UserFileKind kind,
                                              const CheckpointProto& checkpoint,
                                              const Shape& input) {
  return kind == UserFileKind::kNpy ? LoadArray(path, checkpoint, input)
                                    : LoadRows(path, checkpoint, input);
}

}  // namespace lenslet
