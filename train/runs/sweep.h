// Plans a sweep: the runs of one recipe for all combinations of given field
// values, with several seeds and folds of cross-validation.

#ifndef LENSLET_TRAIN_RUNS_SWEEP_H_
#define LENSLET_TRAIN_RUNS_SWEEP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// A field, named as for SetField() (train/recipe/recipe.h), and its values.
struct SweepAxis {
  std::string field;
  std::vector<std::string> values;  // At least one, all different.
};

// Parses "FIELD=VALUE,VALUE,...". If the text contains "|", that separates the
// values instead of commas: "optimizer={kind: SGD}|{kind: ADAM beta1: 0.8}". A
// "|" at the end makes the commas part of a single value. Errors:
// InvalidArgument for any other form, empty values and duplicate values.
absl::StatusOr<SweepAxis> ParseSweepAxis(absl::string_view text);

struct SweepRun {
  // The name of the run's folder, made of its changes:
  // "model=lenet,learning_rate=0.1". It is unique and does not depend on the
  // rest of the sweep. Text that is too long or unsuitable for a file name is
  // replaced by a checksum.
  std::string name;
  size_t point = 0;  // Index into Sweep::points.
  RecipeProto recipe;
};

struct Sweep {
  std::vector<SweepAxis> axes;
  // For each point, the value of each axis.
  std::vector<std::vector<std::string>> points;
  // For each point in order, one run per seed and fold.
  std::vector<SweepRun> runs;
};

// The largest number of runs.
inline constexpr int64_t kMaxSweepRuns = 10000;

// Repetitions of each combination.
struct SweepRepeats {
  int64_t seeds = 1;  // At least 1, counted up from the recipe's.
  // Folds of cross-validation (data/folds.h), at least 2; each seed has its own
  // folds. 0: the recipe's validation examples.
  int64_t folds = 0;
};

// Returns all combinations of the axes' values; the last axis varies fastest.
// Each is repeated. Adds to `problems` what is wrong with the axes: unknown
// fields, invalid values, duplicate fields, an axis over the seed with several
// seeds, and one over the validation examples with folds. The sweep is then
// unusable. Does not check the recipes; FindProblems() does.
Sweep MakeSweep(const RecipeProto& recipe, absl::Span<const SweepAxis> axes,
                const SweepRepeats& repeats,
                std::vector<std::string>& problems);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_SWEEP_H_
