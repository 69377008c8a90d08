#include "lenslet/train/runs/check_start.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/split.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/train/recipe/layer_rules.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/runs/fit_hint.h"
#include "lenslet/train/runs/start_from.h"

namespace lenslet {
namespace {

// The class counts are set where the checks need them.
absl::StatusOr<KnownData> Known(const RecipeProto& recipe,
                                const RunData& data) {
  const Examples& examples = *data.train.examples;
  KnownData known = {
      .shape = examples.shape(),
      .type = examples.type(),
      .target = examples.target().kind,
      .target_shape = examples.target().shape,
      .classes = static_cast<int64_t>(data.train.target_names.size()),
      .train_examples = examples.size(),
      .has_validation = data.validation.size() > 0,
      .has_test = data.test.size() > 0};
  if (NeedsClassCounts(recipe)) {
    LENSLET_ASSIGN_OR_RETURN(known.class_counts, ClassCounts(data.train));
  }
  return known;
}

absl::Status CheckMemoryOfRun(const RecipeProto& recipe, const Graph& graph,
                              const RunData& data,
                              absl::Span<const int64_t> class_counts,
                              const StartOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(
      const TrainerOptions training,
      MakeTrainerOptions(recipe, graph, data, class_counts, options.threads));
  const EvaluatorOptions evaluation = EvaluatorOptionsOf(training, data);
  LENSLET_ASSIGN_OR_RETURN(std::vector<MemoryPart> needs,
                           Trainer::MemoryNeeds(graph, data.train, training));
  LENSLET_ASSIGN_OR_RETURN(const int64_t evaluator,
                           Evaluator::BytesNeeded(graph, evaluation));
  needs.push_back({"activations in evaluation", evaluator});
  needs.push_back({"scores in evaluation",
                   Evaluator::BytesOfSet(
                       graph, evaluation,
                       std::max(data.validation.size(), data.test.size()))});
  needs.push_back(
      {"validation and test examples",
       data.validation.examples->bytes() + data.test.examples->bytes()});
  if (options.saves) {
    // The arrays, the parameters beside averages among them; as a message, its
    // bytes, and the file's.
    const int64_t arrays = 2 + StateArrays(training.optimizer.kind);
    needs.push_back(
        {"a checkpoint that is written",
         MultiplySizes(graph.parameter_array_size(),
                       3 * arrays * static_cast<int64_t>(sizeof(float)))});
  }
  return CheckMemory(needs, "the run");
}

}  // namespace

absl::StatusOr<TrainerOptions> MakeTrainerOptions(
    const RecipeProto& recipe, const Graph& graph, const RunData& data,
    absl::Span<const int64_t> class_counts, int threads) {
  const int64_t steps_per_epoch = StepsPerEpoch(recipe, data.train.size());
  LENSLET_ASSIGN_OR_RETURN(
      const LossSpec loss,
      MakeLossSpec(recipe, class_counts, data.train.examples->target().kind));
  LENSLET_ASSIGN_OR_RETURN(std::vector<double> rate_factors,
                           RateFactors(recipe, graph));
  TrainerOptions options = {
      .backend = TrainingBackend(recipe),
      .threads = threads,
      .batch_size = UpdateSize(recipe),
      .schedule = MakeScheduleSpec(recipe, steps_per_epoch,
                                   TotalSteps(recipe, steps_per_epoch)),
      .optimizer = MakeOptimizerSpec(recipe),
      .loss = loss,
      .clip_norm = recipe.clip_norm(),
      .average_decay = recipe.average_decay(),
      .decay_all =
          !recipe.optimizer().has_decay_all() || recipe.optimizer().decay_all(),
      .rate_factors = std::move(rate_factors),
      .augmentation = AugmentationFromProto(recipe.augmentation()),
      .seed = recipe.seed()};
  options.measure_norm = recipe.record_gradient_norm();
  options.block = IntegerOrDefault(recipe, RecipeProto::kBlockFieldNumber);
  options.exact = recipe.exact();
  return options;
}

EvaluatorOptions EvaluatorOptionsOf(const TrainerOptions& training,
                                    const RunData& data) {
  return {.threads = training.threads,
          .exact = training.exact,
          .loss = training.loss,
          .target = data.train.examples->target().kind};
}

std::vector<StartProblem> CheckStart(const RecipeProto& recipe,
                                     const Graph& graph, const RunData& data,
                                     const StartOptions& options) {
  const std::vector<FieldStep> data_path = {{RecipeProto::kDataFieldNumber}};
  const std::vector<FieldStep> model_path = {{RecipeProto::kModelFieldNumber}};
  if (const absl::Status status = CheckRunData(graph, data); !status.ok()) {
    if (!absl::StartsWith(status.message(), "the model")) {
      return {{.path = data_path, .status = status}};
    }
    const std::string hint =
        absl::StartsWith(status.message(), "the model's output")
            ? FitHint(recipe.data(), graph.ShapeOfValue(graph.output_value()),
                      data.train)
            : "";
    return {{.path = model_path,
             .status = absl::Status(status.code(),
                                    absl::StrCat(status.message(), hint))}};
  }
  const absl::StatusOr<KnownData> known = Known(recipe, data);
  if (!known.ok()) return {{.path = data_path, .status = known.status()}};
  std::vector<StartProblem> problems = FindStartProblems(recipe, graph, *known);
  if (!problems.empty()) return problems;
  const absl::Status status = CheckMemoryOfRun(
      recipe, graph, data, known->class_counts.value_or(std::vector<int64_t>()),
      options);
  if (!status.ok()) problems.push_back({.path = model_path, .status = status});
  return problems;
}

std::vector<StartProblem> CheckStartFrom(
    const RecipeProto& recipe, const Graph& graph, const CheckpointProto& start,
    absl::Span<const std::string> class_names,
    std::vector<TrainingWarning>* warnings) {
  std::vector<StartProblem> problems;
  const std::vector<FieldStep> path = {{RecipeProto::kStartFromFieldNumber}};
  DataProto data = recipe.data();
  if (const absl::Status status =
          TakeNormalization(start, graph.inputs()[0].shape, data);
      !status.ok()) {
    problems.push_back(
        {.path = path, .status = AtPlace(status, recipe.start_from())});
  }
  absl::StatusOr<Parameters> parameters = Parameters::Create(graph);
  absl::Status status = parameters.status();
  if (status.ok()) {
    const std::vector<StartedLayer> layers =
        StartFrom(start, graph, *parameters);
    if (std::none_of(layers.begin(), layers.end(),
                     [](const auto& layer) { return layer.taken > 0; })) {
      status = NothingTaken(recipe.start_from());
    } else {
      *warnings =
          StartWarnings(start, layers, recipe.start_from(), class_names);
    }
  }
  if (!status.ok()) problems.push_back({.path = path, .status = status});
  return problems;
}

}  // namespace lenslet
