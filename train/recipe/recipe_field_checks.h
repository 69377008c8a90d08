// Checks of single fields of a recipe, for FindProblems()
// (train/recipe/recipe.h).

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_FIELD_CHECKS_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_FIELD_CHECKS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/repeated_field.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {

// From the recipe into one of its fields.
using FieldPath = std::vector<FieldStep>;

FieldPath Join(FieldPath path, FieldStep step);

// "schedule.step.gamma", "layer_rule[1].layer".
std::string NameOf(const FieldPath& path);

// The numbers that a field may have.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  // Whether min itself is too small,
  bool below_max = false;  // max too large.
  const char* text;        // "a positive number"
};

inline constexpr Range kPositive = {
    .min = 0, .above_min = true, .text = "a positive number"};
inline constexpr Range kNotNegative = {.min = 0,
                                       .text = "a number of at least 0"};
inline constexpr Range kShare = {.min = 0,
                                 .max = 1,
                                 .below_max = true,
                                 .text = "at least 0 and less than 1"};
inline constexpr Range kAboveZeroUpToOne = {
    .min = 0, .max = 1, .above_min = true, .text = "above 0 and at most 1"};
inline constexpr Range kAtLeastOne = {.min = 1, .text = "at least 1"};

// Collects what is wrong, in the order of the checks.
class RecipeFieldChecks {
 public:
  void Add(const FieldPath& path, const std::string& message);

  // That the number is finite and in the range.
  void Check(const FieldPath& path, double value, const Range& range);
  // The same for numbers of which 0 stands for the default.
  void CheckUnlessZero(const FieldPath& path, double value, const Range& range);

  // That there is such a value: text may have a number in place of a name.
  void CheckEnum(const FieldPath& path, int value,
                 const google::protobuf::EnumDescriptor* type);

  void CheckNeeded(const FieldPath& path, bool is_there);

  // That each is at least 1, and that there are `count`, unless that is 0.
  void CheckSizes(const FieldPath& path,
                  const google::protobuf::RepeatedField<int64_t>& sizes,
                  int count);

  std::vector<RecipeProblem> TakeProblems() { return std::move(problems_); }

 private:
  std::vector<RecipeProblem> problems_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_FIELD_CHECKS_H_
