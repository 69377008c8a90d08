// What would end a run before its first step, as far as the recipe, the model
// and what is known of the data tell. A run looks here when it starts, with the
// data at hand (train/runs/check_start.h); lint_recipe.h looks here with what
// the recipe says of the data.

#ifndef LENSLET_TRAIN_RECIPE_START_PROBLEMS_H_
#define LENSLET_TRAIN_RECIPE_START_PROBLEMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/layers/graph.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// What is known of a run's examples. What is absent is not known, and is not
// checked.
struct KnownData {
  std::optional<Shape> shape = std::nullopt;  // Of an input.
  std::optional<ElementType> type = std::nullopt;
  std::optional<TargetKind> target = std::nullopt;
  std::optional<Shape> target_shape = std::nullopt;
  // The field of the recipe that sets the kind of targets; "" if none does.
  std::string target_field = {};
  // The number of classes, labels or values.
  std::optional<int64_t> classes = std::nullopt;
  // Of the training examples, as ClassCounts() (data/split.h).
  std::optional<std::vector<int64_t>> class_counts = std::nullopt;
  std::optional<int64_t> train_examples = std::nullopt;
  std::optional<bool> has_validation = std::nullopt;
  std::optional<bool> has_test = std::nullopt;
};

struct StartProblem {
  // Of the recipe; the last field may be absent.
  std::vector<FieldStep> path = {};
  absl::Status status;  // Names the field.
};

// Finds all that is wrong with the loss, the schedule, the augmentation, the
// sampling and the metrics, and a model without parameters to train. `recipe`
// must pass FindProblems(); `graph` is its model, and fits the data.
std::vector<StartProblem> FindStartProblems(const RecipeProto& recipe,
                                            const Graph& graph,
                                            const KnownData& data);

// Whether the checks need KnownData::class_counts.
bool NeedsClassCounts(const RecipeProto& recipe);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_START_PROBLEMS_H_
