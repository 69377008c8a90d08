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
  if (!counts.ok() || counts->size() < 2) return std::nullopt;
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

// The recipe's data as it is to be examined: without what reads everything.
DataProto DataToExamine(const DataProto& data) {
  DataProto result = data;
  result.clear_normalization();
  result.clear_validation_fraction();
  if (result.has_image_folders()) {
    result.mutable_image_folders()->mutable_read_ahead();
  }
  return result;
}

}  // namespace

DataCheck CheckRecipeData(const RecipeProto& recipe,
                          absl::Span<const DataSource> sources,
                          const std::string& argv0) {
  DataCheck check;
  if (recipe.data().has_in_memory()) return check;
  const absl::StatusOr<LoadedData> loaded =
      LoadData(DataToExamine(recipe.data()), sources, {.argv0 = argv0});
  if (!loaded.ok()) {
    check.errors.emplace_back(loaded.status().message());
    return check;
  }
  if (const absl::StatusOr<RecipeModel> model = LoadRecipeModel(recipe);
      model.ok()) {
    if (const absl::Status status = CheckRunData(model->graph, *loaded);
        !status.ok()) {
      check.errors.emplace_back(status.message());
    }
  }
  const bool is_stream =
      recipe.data().has_image_folders() || recipe.data().has_packed();
  const int64_t most_in_bytes =
      std::max<int64_t>(1, kMostBytes / BytesOfExample(loaded->train));
  const absl::StatusOr<Examination> examination = ExamineExamples(
      loaded->train, loaded->test,
      {.max_examples =
           is_stream ? std::min(kMostOfStream, most_in_bytes) : most_in_bytes,
       .threads = CpuThreads()});
  if (!examination.ok()) {
    check.errors.emplace_back(examination.status().message());
    return check;
  }
  // Training ends at such a file.
  for (const ExaminedExamples* examples :
       {&examination->train, &examination->test}) {
    check.errors.insert(check.errors.end(), examples->errors.begin(),
                        examples->errors.end());
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
