#include "lenslet/tools/data_check.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/examination.h"
#include "lenslet/data/split.h"
#include "lenslet/train/class_weights.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/runs/check_start.h"

namespace lenslet {
namespace {

constexpr int64_t kMostOfStream = 4096;
constexpr int64_t kMostBytes = int64_t{1} << 30;
constexpr int64_t kMostQuickBytes = int64_t{256} << 20;

int64_t BytesOfExample(const Dataset& dataset) {
  const int64_t size =
      dataset.examples->type() == ElementType::kUint8 ? 1 : sizeof(float);
  return std::max<int64_t>(1, dataset.example_shape().elements() * size);
}

// That some classes have many more examples than others, and the weights that
// make up for it.
std::optional<std::string> ImbalanceWarning(const RecipeProto& recipe,
                                            const Dataset& train) {
  constexpr int64_t kMinRatio = 2;
  constexpr size_t kMostShown = 20;
  if (train.examples->target() != TargetSpec() || recipe.loss().balanced() ||
      recipe.loss().class_weight_size() > 0) {
    return std::nullopt;
  }
  const absl::StatusOr<std::vector<int64_t>> counts = ClassCounts(train);
  if (!counts.ok() || counts->empty()) return std::nullopt;
  if (counts->size() == 1) {
    return absl::StrCat("the training examples are all of one class, \"",
                        Printable(train.target_names[0]),
                        "\": there is nothing to tell apart");
  }
  const auto [least, most] =
      std::minmax_element(counts->begin(), counts->end());
  const std::vector<std::string>& names = train.target_names;
  if (*least == 0) {
    return absl::StrCat("class \"", Printable(names[least - counts->begin()]),
                        "\" has no training examples");
  }
  if (*most < kMinRatio * *least) return std::nullopt;
  const absl::StatusOr<std::vector<float>> weights =
      BalancedClassWeights(*counts);
  if (!weights.ok()) return std::nullopt;
  std::string list =
      absl::StrJoin(absl::MakeConstSpan(*weights).subspan(0, kMostShown), ", ",
                    [](std::string* out, float weight) {
                      absl::StrAppend(out, absl::StrFormat("%.3g", weight));
                    });
  if (weights->size() > kMostShown) list += ", ...";
  return absl::StrCat(
      "class \"", Printable(names[most - counts->begin()]), "\" has ",
      WithCommas(*most), " training examples, but \"",
      Printable(names[least - counts->begin()]), "\" only ", WithCommas(*least),
      "; loss { balanced: true } gives all classes the same influence, with "
      "class_weight: [",
      list, "]");
}

// Whether the examples stay in their files until they are examined.
bool IsStream(const DataProto& data) {
  return data.has_image_folders() || data.has_image_table() ||
         data.has_image_masks() || data.has_packed();
}

// The data as it is to be opened: whole, and without what reads everything.
DataProto DataToOpen(const DataProto& data) {
  DataProto result = data;
  if (data.normalization().mean().empty()) result.clear_normalization();
  result.clear_validation_fraction();
  result.clear_fold();
  if (result.has_image_folders()) {
    result.mutable_image_folders()->mutable_read_ahead();
  } else if (result.has_image_table()) {
    result.mutable_image_table()->mutable_read_ahead();
  } else if (result.has_image_masks()) {
    result.mutable_image_masks()->mutable_read_ahead();
  }
  return result;
}

StartProblem ProblemAt(int field, const absl::Status& status) {
  return {.path = {{.number = field}}, .status = status};
}

}  // namespace

const absl::StatusOr<LoadedData>& RecipeChecker::Load(const DataProto& data) {
  const DataProto to_open = DataToOpen(data);
  std::string key = to_open.SerializeAsString();
  if (key_ != key) {
    loaded_ = absl::UnknownError("");  // Frees it before the next is loaded.
    loaded_ = LoadData(to_open, sources_, {.argv0 = argv0_});
    key_ = std::move(key);
  }
  return loaded_;
}

std::vector<StartProblem> RecipeChecker::FindStartProblems(
    const RecipeProto& recipe) {
  // A program that has its data in memory knows it.
  if (recipe.data().has_in_memory()) return {};
  const absl::StatusOr<RecipeModel> model = LoadRecipeModel(recipe);
  if (!model.ok()) {
    return {ProblemAt(RecipeProto::kModelFieldNumber, model.status())};
  }
  const absl::StatusOr<LoadedData>& loaded = Load(recipe.data());
  if (!loaded.ok()) {
    return {ProblemAt(RecipeProto::kDataFieldNumber, loaded.status())};
  }
  const absl::StatusOr<TrainAndValidation> parts =
      SetValidationAside(recipe.data(), recipe.seed(), loaded->train);
  if (!parts.ok()) {
    return {ProblemAt(RecipeProto::kDataFieldNumber, parts.status())};
  }
  std::vector<StartProblem> problems =
      CheckStart(recipe, model->graph,
                 RunData(loaded->description, parts->train, &parts->validation,
                         &loaded->test),
                 {.threads = CpuThreads()});
  if (recipe.start_from().empty()) return problems;
  const absl::StatusOr<CheckpointProto> start =
      load_start_(recipe.start_from());
  if (!start.ok()) {
    problems.push_back(
        ProblemAt(RecipeProto::kStartFromFieldNumber, start.status()));
    return problems;
  }
  for (StartProblem& problem : CheckStartFrom(recipe, model->graph, *start)) {
    problems.push_back(std::move(problem));
  }
  return problems;
}

DataCheck RecipeChecker::CheckData(const RecipeProto& recipe) {
  DataCheck check = {.errors = FindStartProblems(recipe)};
  if (recipe.data().has_in_memory()) return check;
  const absl::StatusOr<LoadedData>& loaded = Load(recipe.data());
  if (!loaded.ok()) return check;
  const int64_t most_in_bytes =
      std::max<int64_t>(1, kMostBytes / BytesOfExample(loaded->train));
  const absl::StatusOr<Examination> examination = ExamineExamples(
      loaded->train, loaded->test,
      {.max_examples = IsStream(recipe.data())
                           ? std::min(kMostOfStream, most_in_bytes)
                           : most_in_bytes,
       .threads = CpuThreads()});
  if (!examination.ok()) {
    check.errors.push_back(
        ProblemAt(RecipeProto::kDataFieldNumber, examination.status()));
    return check;
  }
  // Training ends at such a file.
  for (const ExaminedExamples* examples :
       {&examination->train, &examination->test}) {
    for (const std::string& error : examples->errors) {
      check.errors.push_back(ProblemAt(RecipeProto::kDataFieldNumber,
                                       absl::InvalidArgumentError(error)));
    }
  }
  check.warnings =
      ExaminationWarnings(*examination, loaded->train, loaded->test);
  if (auto warning = ImbalanceWarning(recipe, loaded->train)) {
    check.warnings.push_back(*std::move(warning));
  }
  return check;
}

std::vector<std::string> QuickDataWarnings(const RecipeProto& recipe,
                                           const RunData& data) {
  std::vector<std::string> warnings;
  if (auto warning = ImbalanceWarning(recipe, data.train)) {
    warnings.push_back(*std::move(warning));
  }
  const int64_t bytes =
      (data.train.size() + data.test.size()) * BytesOfExample(data.train);
  const auto is_in_memory = [](const Dataset& dataset) {
    return dataset.size() == 0 || dataset.examples->keeps_inputs();
  };
  if (!is_in_memory(data.train) || !is_in_memory(data.test) ||
      bytes > kMostQuickBytes) {
    return warnings;
  }
  absl::StatusOr<Examination> examination =
      ExamineExamples(data.train, data.test, {.threads = CpuThreads()});
  if (!examination.ok()) return warnings;
  constexpr int64_t kFew = 100;
  if (examination->shared * kFew < data.test.size()) examination->shared = 0;
  if (examination->repeated * kFew < data.train.size()) {
    examination->repeated = 0;
  }
  for (std::string& warning :
       ExaminationWarnings(*examination, data.train, data.test)) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace lenslet
