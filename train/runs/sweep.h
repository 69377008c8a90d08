// Runs of one recipe with changed fields, for all combinations of the values
// that fields may have, and what they lead to.

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

// A field as SetField() (train/recipe/recipe.h) knows it, and the values that
// it is to have.
struct SweepAxis {
  std::string field;
  std::vector<std::string> values;  // At least one, all different.
};

// Reads "FIELD=VALUE,VALUE,...". Where there is a "|", that is between values
// instead of the commas: "optimizer={kind: SGD}|{kind: ADAM beta1: 0.8}", and
// one at the end makes the commas part of a single value. Errors:
// InvalidArgument for another form, empty values, and the same one twice.
absl::StatusOr<SweepAxis> ParseSweepAxis(absl::string_view text);

struct SweepRun {
  // Of its folder: made of its changes, different from other runs', and the
  // same whatever else is in the sweep: "model=lenet,learning_rate=0.1". What
  // is not fit for the name of a file, or is too long, becomes a check number.
  std::string name;
  size_t point = 0;  // Of Sweep::points.
  RecipeProto recipe;
};

struct Sweep {
  std::vector<SweepAxis> axes;
  // For each point, the value of each axis.
  std::vector<std::vector<std::string>> points;
  // For each point, in their order, one for each seed.
  std::vector<SweepRun> runs;
};

// The largest number of runs.
inline constexpr int64_t kMaxSweepRuns = 10000;

// All combinations of the axes' values, the last axis changing fastest, each
// with `seeds` seeds, at least 1, from the recipe's on. Adds to `problems` what
// is wrong with axes: fields and values that there are not, the same field
// twice, a seed that is an axis where there are several seeds; then the sweep
// is of no use. Recipes' own problems are left to FindProblems().
Sweep MakeSweep(const RecipeProto& recipe, absl::Span<const SweepAxis> axes,
                int64_t seeds, std::vector<std::string>& problems);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_SWEEP_H_
