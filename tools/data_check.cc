#include "lenslet/tools/data_check.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/examination.h"
#include "lenslet/data/split.h"
#include "lenslet/train/class_weights.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/runs/check_start.h"
#include "lenslet/train/warnings.h"

namespace lenslet {
namespace {

// How much of the data is examined: all examples, if they have no more bytes;
// and of examples that are not in memory, at most so many of each set.
struct Limits {
  int64_t bytes;
  int64_t of_stream;
};
constexpr Limits kLimits = {.bytes = int64_t{1} << 30, .of_stream = 4096};
constexpr Limits kQuickLimits = {.bytes = int64_t{256} << 20, .of_stream = 512};

int64_t BytesOfExample(const Dataset& dataset) {
  const int64_t size =
      dataset.examples->type() == ElementType::kUint8 ? 1 : sizeof(float);
  return std::max<int64_t>(1, dataset.example_shape().elements() * size);
}

absl::StatusOr<Examination> Examine(const Dataset& train, const Dataset& test,
                                    bool is_stream, const Limits& limits) {
  const int64_t bytes = BytesOfExample(train);
  int64_t most = std::max<int64_t>({train.size(), test.size(), 1});
  if ((train.size() + test.size()) * bytes > limits.bytes) {
    most = std::max<int64_t>(1, limits.bytes / bytes / 2);
  }
  if (is_stream) most = std::min(most, limits.of_stream);
  return ExamineExamples(train, test,
                         {.max_examples = most, .threads = CpuThreads()});
}

// "\"a\", \"b\" and 3 others"
std::string NamesText(absl::Span<const std::string> names) {
  constexpr size_t kMostShown = 5;
  const size_t shown = std::min(kMostShown, names.size());
  return absl::StrCat(
      absl::StrJoin(names.first(shown), ", ",
                    [](std::string* out, const std::string& name) {
                      absl::StrAppend(out, "\"", Printable(name), "\"");
                    }),
      shown == names.size() ? ""
      : shown + 1 == names.size()
          ? " and 1 other"
          : absl::StrCat(" and ", names.size() - shown, " others"));
}

// "class "a" has" or "2 of 3 classes have: "a", "b"", with `what` they have, of
// the classes whose count is 0; nullopt if there are none.
std::optional<std::string> NoneText(absl::Span<const std::string> names,
                                    absl::Span<const int64_t> counts,
                                    absl::string_view what) {
  std::vector<std::string> without;
  for (size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) without.push_back(names[c]);
  }
  if (without.empty()) return std::nullopt;
  if (without.size() == 1) {
    return absl::StrCat("class ", NamesText(without), " has ", what);
  }
  return absl::StrCat(without.size(), " of ", names.size(), " classes have ",
                      what, ": ", NamesText(without));
}

// That some classes have many more examples than others, and the weights that
// make up for it.
std::optional<std::string> ImbalanceWarning(const RecipeProto& recipe,
                                            const Dataset& train) {
  constexpr int64_t kMinRatio = 2;
  constexpr size_t kMostShown = 20;
  const TargetSpec target = train.examples->target();
  if (target.kind != TargetKind::kClasses || recipe.loss().balanced() ||
      recipe.loss().class_weight_size() > 0) {
    return std::nullopt;
  }
  const absl::StatusOr<std::vector<int64_t>> counts = ClassCounts(train);
  if (!counts.ok() || counts->empty()) return std::nullopt;
  if (target != TargetSpec()) {
    return NoneText(train.target_names, *counts,
                    "no position of the training examples");
  }
  if (counts->size() == 1) {
    return absl::StrCat("the training examples are all of one class, \"",
                        Printable(train.target_names[0]),
                        "\": there is nothing to tell apart");
  }
  const auto [least, most] =
      std::minmax_element(counts->begin(), counts->end());
  const std::vector<std::string>& names = train.target_names;
  if (*least == 0) return NoneText(names, *counts, "no training examples");
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

// That some classes have no validation examples.
std::optional<std::string> ValidationWarning(const DataProto& data,
                                             const Dataset& train,
                                             const Dataset& validation) {
  if (data.validation_fraction() == 0 || validation.size() == 0) {
    return std::nullopt;
  }
  if (train.examples->target() != TargetSpec()) return std::nullopt;
  const absl::StatusOr<std::vector<int64_t>> counts = ClassCounts(validation);
  const absl::StatusOr<std::vector<int64_t>> trained = ClassCounts(train);
  if (!counts.ok() || !trained.ok()) return std::nullopt;
  std::vector<std::string> missing;
  for (size_t c = 0; c < counts->size(); ++c) {
    if ((*counts)[c] == 0 && (*trained)[c] > 0) {
      missing.push_back(train.target_names[c]);
    }
  }
  if (missing.empty()) return std::nullopt;
  return absl::StrCat("the validation examples have none of ",
                      missing.size() == 1 ? "class " : "classes ",
                      NamesText(missing),
                      "; a larger data.validation_fraction sets some aside");
}

// That some classes that are trained are not tested. Of folders of images,
// loading says so.
std::optional<std::string> NoteOfUntested(const DataProto& data,
                                          const Dataset& train,
                                          const Dataset& test) {
  if (data.has_image_folders() || test.size() == 0 ||
      train.examples->target() != TargetSpec() ||
      test.examples->target() != TargetSpec()) {
    return std::nullopt;
  }
  const absl::StatusOr<std::vector<int64_t>> tested = ClassCounts(test);
  const absl::StatusOr<std::vector<int64_t>> trained = ClassCounts(train);
  if (!tested.ok() || !trained.ok()) return std::nullopt;
  // Classes without training examples have a warning.
  std::vector<int64_t> counts = *tested;
  for (size_t c = 0; c < std::min(counts.size(), trained->size()); ++c) {
    if ((*trained)[c] == 0) counts[c] = 1;
  }
  return NoneText(test.target_names, counts, "no test examples");
}

// Whether the examples stay in their files until they are examined.
bool IsStream(const DataProto& data) {
  return data.has_image_folders() || data.has_image_table() ||
         data.has_image_masks() || data.has_packed();
}

// As many errors as a line has room for.
std::string SomeErrors(const ExaminedExamples& examples) {
  constexpr size_t kMostNamed = 10;
  constexpr size_t kMostBytes = 800;
  std::string text = examples.errors[0];
  size_t named = 1;
  for (; named < std::min(examples.errors.size(), kMostNamed); ++named) {
    const std::string& error = examples.errors[named];
    if (text.size() + error.size() > kMostBytes) break;
    absl::StrAppend(&text, "; ", error);
  }
  const int64_t left = examples.unreadable - static_cast<int64_t>(named);
  if (left > 0) absl::StrAppend(&text, "; and ", WithCommas(left), " more");
  return text;
}

// The errors of the examples that cannot be read, at which training ends. One
// for each set of examples, which names some; with `each`, another one for each
// example.
std::vector<absl::Status> UnreadableExamples(const DataProto& data,
                                             const Examination& examination,
                                             bool each) {
  std::vector<absl::Status> errors;
  const auto add = [&](absl::string_view text) {
    errors.push_back(absl::InvalidArgumentError(text));
  };
  const bool are_files = IsStream(data) && !data.has_packed();
  for (const auto& [examples, split] :
       {std::pair(&examination.train, "training"),
        std::pair(&examination.test, "test")}) {
    if (examples->unreadable == 0) continue;
    const std::string& first = examples->errors[0];
    const bool has_remedy = !are_files || absl::StrContains(first, "SKIP");
    if (examples->unreadable == 1 && !has_remedy) {
      add(absl::StrCat(first, "; on_unreadable: SKIP leaves it out"));
      continue;
    }
    // Images that are read ahead have one error, which counts all of them.
    if (std::count(examples->errors.begin(), examples->errors.end(), first) ==
        static_cast<int64_t>(examples->errors.size())) {
      add(first);
      continue;
    }
    const std::string count = absl::StrCat(
        WithCommas(examples->unreadable), " of ", WithCommas(examples->read),
        examples->read < examples->size ? " checked " : " ", split,
        " examples cannot be read",
        are_files ? "; expected whole files, or on_unreadable: SKIP" : "");
    if (!each) {
      add(absl::StrCat(count, ": ", SomeErrors(*examples)));
      continue;
    }
    add(count);
    for (const std::string& error : examples->errors) add(error);
  }
  return errors;
}

// Looks at a sample of the validation examples that are not in memory.
absl::Status CheckReadable(const DataProto& data, const Dataset& validation) {
  if (validation.size() == 0 || validation.examples->keeps_inputs()) {
    return absl::OkStatus();
  }
  const absl::StatusOr<Examination> examination =
      Examine(validation, Dataset(), /*is_stream=*/true, kQuickLimits);
  if (!examination.ok()) return absl::OkStatus();
  const std::vector<absl::Status> errors =
      UnreadableExamples(data, *examination, /*each=*/false);
  return errors.empty() ? absl::OkStatus() : errors[0];
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

DataFinding FindingAt(int field, std::string text, bool is_note = false) {
  return {
      .path = {{.number = field}}, .text = std::move(text), .is_note = is_note};
}

void AddWarning(int field, const std::optional<TrainingWarning>& warning,
                std::vector<DataFinding>& findings) {
  if (!warning.has_value()) return;
  findings.push_back(FindingAt(field, warning->text, warning->is_note));
}

// `examined` are the training examples of which the examination is: those of
// `data`, or they with its validation examples.
void AddFindings(const RecipeProto& recipe, const Examination& examination,
                 const Dataset& examined, const RunData& data,
                 std::vector<DataFinding>& findings) {
  constexpr int kField = RecipeProto::kDataFieldNumber;
  for (std::string& warning :
       ExaminationWarnings(examination, examined, data.test)) {
    findings.push_back(FindingAt(kField, std::move(warning)));
  }
  if (auto warning = ImbalanceWarning(recipe, data.train)) {
    findings.push_back(FindingAt(kField, *std::move(warning)));
  }
  if (auto warning =
          ValidationWarning(recipe.data(), data.train, data.validation)) {
    findings.push_back(FindingAt(kField, *std::move(warning)));
  }
  if (auto note = NoteOfUntested(recipe.data(), data.train, data.test)) {
    findings.push_back(FindingAt(kField, *std::move(note), /*is_note=*/true));
  }
  if (std::string note = ExaminationNote(examination); !note.empty()) {
    findings.push_back(FindingAt(kField, std::move(note), /*is_note=*/true));
  }
}

}  // namespace

const absl::StatusOr<LoadedData>& RecipeChecker::Load(const DataProto& data) {
  const DataProto to_open = DataToOpen(data);
  std::string key = to_open.SerializeAsString();
  if (key_ != key) {
    loaded_ = absl::UnknownError("");  // Frees it before the next is loaded.
    loaded_ =
        LoadData(to_open, sources_, {.argv0 = argv0_, .single_errors = true});
    key_ = std::move(key);
  }
  return loaded_;
}

std::vector<StartProblem> RecipeChecker::FindStartProblems(
    const RecipeProto& recipe) {
  return Check(recipe, nullptr);
}

std::vector<StartProblem> RecipeChecker::Check(
    const RecipeProto& recipe, std::vector<DataFinding>* findings) {
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
  if (findings != nullptr) {
    for (const std::string& warning : loaded->warnings) {
      findings->push_back(FindingAt(RecipeProto::kDataFieldNumber, warning));
    }
    AddWarning(RecipeProto::kBatchSizeFieldNumber,
               NoteOfLargeBatch(
                   IntegerOrDefault(recipe, RecipeProto::kBatchSizeFieldNumber),
                   UpdateSize(recipe), parts->train.size()),
               *findings);
    AddWarning(RecipeProto::kDataFieldNumber,
               WarnOfNoValidation(recipe.data().validation_fraction(),
                                  parts->validation.size()),
               *findings);
    // LintRecipe() finds the others.
    const int64_t update = UpdateSize(recipe);
    const int64_t block =
        IntegerOrDefault(recipe, RecipeProto::kBlockFieldNumber);
    if (!WarnOfBatchNorm(model->graph, block, update, update).has_value()) {
      AddWarning(
          RecipeProto::kBatchSizeFieldNumber,
          WarnOfBatchNorm(model->graph, block, update, parts->train.size()),
          *findings);
    }
    const WarmupUnit unit = WarmupUnitOf(recipe);
    if (recipe.has_steps() != (unit == WarmupUnit::kSteps)) {
      const int64_t steps = StepsPerEpoch(recipe, parts->train.size());
      const int64_t total = TotalSteps(recipe, steps);
      AddWarning(RecipeProto::kScheduleFieldNumber,
                 WarnOfWarmup(MakeScheduleSpec(recipe, steps, total), total,
                              steps, unit),
                 *findings);
    }
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
  std::vector<TrainingWarning> warnings;
  for (StartProblem& problem :
       CheckStartFrom(recipe, model->graph, *start, loaded->train.target_names,
                      &warnings)) {
    problems.push_back(std::move(problem));
  }
  if (findings == nullptr) return problems;
  for (const TrainingWarning& warning : warnings) {
    AddWarning(RecipeProto::kStartFromFieldNumber, warning, *findings);
  }
  return problems;
}

DataCheck RecipeChecker::CheckData(const RecipeProto& recipe) {
  DataCheck check;
  check.errors = Check(recipe, &check.findings);
  if (recipe.data().has_in_memory()) return check;
  const absl::StatusOr<LoadedData>& loaded = Load(recipe.data());
  if (!loaded.ok()) return check;
  absl::StatusOr<Examination> examination =
      Examine(loaded->train, loaded->test, IsStream(recipe.data()), kLimits);
  if (!examination.ok()) {
    check.errors.push_back(
        ProblemAt(RecipeProto::kDataFieldNumber, examination.status()));
    return check;
  }
  for (const absl::Status& status :
       UnreadableExamples(recipe.data(), *examination, /*each=*/true)) {
    check.errors.push_back(ProblemAt(RecipeProto::kDataFieldNumber, status));
  }
  // As training splits them.
  const absl::StatusOr<TrainAndValidation> parts =
      SetValidationAside(recipe.data(), recipe.seed(), loaded->train);
  if (!parts.ok()) return check;
  AddFindings(recipe, *examination, loaded->train,
              RunData(loaded->description, parts->train, &parts->validation,
                      &loaded->test),
              check.findings);
  return check;
}

absl::StatusOr<std::vector<DataFinding>> FindInData(const RecipeProto& recipe,
                                                    const RunData& data) {
  const auto is_in_memory = [](const Dataset& dataset) {
    return dataset.size() == 0 || dataset.examples->keeps_inputs();
  };
  absl::StatusOr<Examination> examination = Examine(
      data.train, data.test,
      !is_in_memory(data.train) || !is_in_memory(data.test), kQuickLimits);
  std::vector<DataFinding> findings;
  if (!examination.ok()) return findings;
  for (const absl::Status& status :
       UnreadableExamples(recipe.data(), *examination, /*each=*/false)) {
    LENSLET_RETURN_IF_ERROR(status);
  }
  LENSLET_RETURN_IF_ERROR(CheckReadable(recipe.data(), data.validation));
  constexpr int64_t kFew = 100;
  if (examination->shared * kFew < examination->test.read) {
    examination->shared = 0;
  }
  if (examination->repeated * kFew < examination->train.read) {
    examination->repeated = 0;
  }
  AddFindings(recipe, *examination, data.train, data, findings);
  return findings;
}

}  // namespace lenslet
