// Checks a run before its first step, with its data at hand. A run starts with
// this check; programs that check recipes without training use it, too.

#ifndef LENSLET_TRAIN_RUNS_CHECK_START_H_
#define LENSLET_TRAIN_RUNS_CHECK_START_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/graph.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/recipe/start_problems.h"
#include "lenslet/train/runs/run_data.h"
#include "lenslet/train/trainer.h"
#include "lenslet/train/warnings.h"

namespace lenslet {

// How a recipe trains and evaluates these examples. `class_counts` is empty
// unless NeedsClassCounts(). Errors: those of the loss and the layer rules,
// which FindStartProblems() finds.
absl::StatusOr<TrainerOptions> MakeTrainerOptions(
    const RecipeProto& recipe, const Graph& graph, const RunData& data,
    absl::Span<const int64_t> class_counts, int threads);
EvaluatorOptions EvaluatorOptionsOf(const TrainerOptions& training,
                                    const RunData& data);

struct StartOptions {
  int threads = 1;
  // Whether the run writes checkpoints, which need memory.
  bool saves = true;
};

// Finds all that would end the run before its first step: what CheckRunData()
// and FindStartProblems() find, and memory that would not suffice (base/
// memory.h). `recipe` must pass FindProblems(); `graph` is its model. Reads the
// targets if NeedsClassCounts(). Without a problem, the run's Trainer::Create()
// fails only for lack of memory of kernels.
std::vector<StartProblem> CheckStart(const RecipeProto& recipe,
                                     const Graph& graph, const RunData& data,
                                     const StartOptions& options);

// Finds what is wrong with the checkpoint that the recipe starts from: a
// normalization other than the recipe's, or no parameter that fits `graph`.
// Sets `warnings` to StartWarnings() (train/runs/start_from.h) for examples of
// the classes `class_names`.
std::vector<StartProblem> CheckStartFrom(
    const RecipeProto& recipe, const Graph& graph, const CheckpointProto& start,
    absl::Span<const std::string> class_names,
    std::vector<TrainingWarning>* warnings);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_CHECK_START_H_
