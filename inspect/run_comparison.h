// Several training runs side by side.

#ifndef LENSLET_INSPECT_RUN_COMPARISON_H_
#define LENSLET_INSPECT_RUN_COMPARISON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/history.h"

namespace lenslet {

// What one run left in its folder.
struct ComparedRun {
  // Heads its column; printable ASCII.
  std::string name;
  RecipeProto recipe;
  // At least one, in the order of their steps.
  std::vector<MetricsRecord> records;
};

// Aligned tables with a column for each run:
// * the recipes' fields that differ (train/recipe/recipe_differences.h);
// * how far it got: epochs, steps, seconds, and examples/s over all of them;
// * the last measurement of each loss and accuracy;
// * the best one of each, and the epoch of which it is: the highest accuracy,
//   the lowest loss, the first of several; that of the test set is marked as
//   optimistic, because the test set itself selects it;
// * all measurements where the validation loss is lowest, the first of several:
//   those of best.ckpt (train/runs/run_directory.h), which is chosen without
//   looking at the test set;
// * with a `target`, a test accuracy: seconds of training and epoch of the
// first
//   record that reaches it;
// * over all runs, if there are several: mean m and sample standard deviation
//   sqrt(sum((x - m)^2) / (runs - 1)) of the seconds, of the last validation
//   and test accuracy, and of the seconds to the target. They describe a recipe
//   if the runs differ in nothing but the seed. What not every run has is left
//   out, so that no mean is of those alone that did well;
// * for the training, validation and test set: the accuracy after each epoch.
// Rows that no run has are left out; so is what is not a number where the best
// is looked for.
std::string CompareRuns(absl::Span<const ComparedRun> runs,
                        std::optional<double> target = std::nullopt);

// The same as a JSON object, on several lines, with all records:
//   {"recipe_differences": {PATH: [VALUE of each run, ...], ...},
//    "runs": [{"name": ..., "epochs": ..., "steps": ..., "seconds": ...,
//              "examples_per_second": ...,
//              "last": {"test_accuracy": {"value": ..., "epoch": ...}, ...},
//              "best": {likewise},
//              "best_on_validation": {"epoch": ..., "test_accuracy": ..., ...},
//              "target_reached": {"seconds": ..., "step": ..., "epoch": ...},
//              "records": [as in metrics.jsonl, ...]}, ...],
//    "target_test_accuracy": ...,
//    "over_all_runs": {"seconds": {"mean": ..., "standard_deviation": ...},
//                      "last_validation_accuracy": {likewise},
//                      "last_test_accuracy": {likewise},
//                      "seconds_to_target": {likewise}}}
// "best_on_validation" is null for a run without validation, "target_reached"
// for one that did not; without a target, neither it nor "target_test_accuracy"
// is there.
std::string CompareRunsAsJson(absl::Span<const ComparedRun> runs,
                              std::optional<double> target = std::nullopt);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_RUN_COMPARISON_H_
