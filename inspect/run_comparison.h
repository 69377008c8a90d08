// Compares several training runs side by side.

#ifndef LENSLET_INSPECT_RUN_COMPARISON_H_
#define LENSLET_INSPECT_RUN_COMPARISON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/history.h"

namespace lenslet {

// The results in one run's folder.
struct ComparedRun {
  // The title of its column; printable ASCII.
  std::string name;
  RecipeProto recipe;
  // At least one, in the order of their steps.
  std::vector<MetricsRecord> records;
};

// Returns aligned tables with a column for each run:
// * the recipes' fields that differ (train/recipe/recipe_differences.h);
// * its epochs, steps, seconds, and examples/s over the whole run;
// * the last measurement of each metric;
// * the best measurement of each and its epoch: the highest accuracy, the
//   lowest loss and so on, the first if tied; on the test set, it is marked as
//   optimistic, because the test set itself selects it;
// * all measurements of best.ckpt (train/runs/run_directory.h): those at the
//   lowest validation loss, the first if tied, or at the best value of the
//   metric that the recipe chooses;
// * with a `target`, a test accuracy: the training seconds and epoch of the
//   first record that reaches it;
// * over all runs, if there are several: mean m and sample standard deviation
//   sqrt(sum((x - m)^2) / (runs - 1)) of the seconds, of the last validation
//   and test metrics but the loss, and of the seconds to the target. They
//   describe a recipe if the runs differ only in the seed. Values that some run
//   lacks are left out, so that no mean covers only the successful runs;
// * for the training, validation and test set: the metrics, but for the
//   loss, after each epoch.
// Empty rows are left out. The best measurement ignores NaN.
std::string CompareRuns(absl::Span<const ComparedRun> runs,
                        std::optional<double> target = std::nullopt);

// Returns the same as a JSON object, on several lines, with all records:
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
// "best_on_validation" is that of best.ckpt. It is null for a run that has no
// validation examples and does not choose a metric, "target_reached"
// for a run that did not reach the target. Without a target, "target_reached"
// and "target_test_accuracy" are absent.
std::string CompareRunsAsJson(absl::Span<const ComparedRun> runs,
                              std::optional<double> target = std::nullopt);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_RUN_COMPARISON_H_
