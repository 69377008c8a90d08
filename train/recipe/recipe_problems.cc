#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/utf8.h"
#include "lenslet/ops/backend.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/quantity.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/schedule.h"

namespace lenslet {
namespace {

using google::protobuf::FieldDescriptor;
using FieldPath = std::vector<FieldStep>;

FieldPath Join(FieldPath path, FieldStep step) {
  path.push_back(step);
  return path;
}

std::string NameOf(const FieldPath& path) {
  return FieldName(*RecipeProto::descriptor(), path);
}

// Finds what is wrong although each field obeys its rule (recipe.proto).
class ProblemFinder {
 public:
  explicit ProblemFinder(const RecipeProto& recipe) : recipe_(recipe) {}

  std::vector<FieldProblem> Find() {
    FindInNormalization();
    FindInFold();
    FindInLength();
    FindInLoss();
    FindInSampling();
    FindInSchedule();
    FindInLayerRules();
    FindInBackend();
    FindInMetric(
        {{RecipeProto::kSaveFieldNumber}, {SaveProto::kBestByFieldNumber}},
        recipe_.save().best_by());
    FindInMetric({{RecipeProto::kEarlyStoppingFieldNumber},
                  {EarlyStoppingProto::kMetricFieldNumber}},
                 recipe_.early_stopping().metric());
    FindInStrings({}, recipe_);
    return std::move(problems_);
  }

 private:
  void FindInNormalization();
  void FindInFold();
  void FindInLength();
  void FindInLoss();
  void FindInSampling();
  void FindInSchedule();
  void FindInLayerRules();
  void FindInBackend();
  // In the name of a metric.
  void FindInMetric(const FieldPath& path, const std::string& name);
  // In those of `message`, which is at `path`.
  void FindInStrings(const FieldPath& path,
                     const google::protobuf::Message& message);

  void Add(const FieldPath& path, std::string message) {
    problems_.push_back({.path = path, .message = std::move(message)});
  }
  // That a rate is at most the recipe's.
  void CheckRate(const FieldPath& path, double rate) {
    if (rate > std::abs(recipe_.learning_rate())) {
      Add(path, absl::StrCat(NameOf(path), " is ", rate,
                             "; expected at most learning_rate, ",
                             recipe_.learning_rate()));
    }
  }

  const RecipeProto& recipe_;
  std::vector<FieldProblem> problems_;
};

void ProblemFinder::FindInNormalization() {
  const NormalizationProto& proto = recipe_.data().normalization();
  if (proto.mean_size() == proto.deviation_size()) return;
  const FieldPath path = {{RecipeProto::kDataFieldNumber},
                          {DataProto::kNormalizationFieldNumber}};
  Add(path, absl::StrCat(NameOf(path), " has ", proto.mean_size(),
                         " means and ", proto.deviation_size(),
                         " deviations; expected as many of both"));
}

void ProblemFinder::FindInFold() {
  const FoldProto& fold = recipe_.data().fold();
  const FieldPath path = {{RecipeProto::kDataFieldNumber},
                          {DataProto::kFoldFieldNumber}};
  if (fold.number() > fold.of() && fold.of() > 0) {
    Add(Join(path, {FoldProto::kNumberFieldNumber}),
        absl::StrCat(NameOf(path), ".number is ", fold.number(),
                     "; expected at most ", fold.of(),
                     ", the number of folds"));
  }
  if (recipe_.data().has_fold() && recipe_.data().validation_fraction() > 0) {
    Add(path, absl::StrCat("data.validation_fraction is ",
                           recipe_.data().validation_fraction(), " and ",
                           NameOf(path), " is given; expected one of them"));
  }
}

void ProblemFinder::FindInLength() {
  if (recipe_.length_case() == RecipeProto::LENGTH_NOT_SET) {
    Add({}, "epochs or steps is required");
  }
}

void ProblemFinder::FindInLoss() {
  const LossProto& loss = recipe_.loss();
  const FieldPath path = {{RecipeProto::kLossFieldNumber}};
  bool all_zero = loss.class_weight_size() > 0;
  for (const double weight : loss.class_weight()) all_zero &= weight == 0;
  if (all_zero) {
    Add(Join(path, {LossProto::kClassWeightFieldNumber}),
        "loss.class_weight is 0 for all classes: there is nothing to learn");
  }
  if (loss.balanced() && loss.class_weight_size() > 0) {
    Add(Join(path, {LossProto::kBalancedFieldNumber}),
        "loss.balanced is true and loss.class_weight is given; expected at "
        "most one of them");
  }
}

void ProblemFinder::FindInSampling() {
  const SamplingProto& sampling = recipe_.sampling();
  if (sampling.balanced() && sampling.class_weight_size() > 0) {
    Add({{RecipeProto::kSamplingFieldNumber},
         {SamplingProto::kBalancedFieldNumber}},
        "sampling.balanced is true and sampling.class_weight is given; "
        "expected at most one of them");
  }
}

void ProblemFinder::FindInSchedule() {
  const ScheduleProto& proto = recipe_.schedule();
  const FieldPath path = {{RecipeProto::kScheduleFieldNumber}};
  const auto field = [&](int kind, int number) {
    return Join(Join(path, {kind}), {number});
  };
  CheckRate(Join(path, {ScheduleProto::kWarmupStartRateFieldNumber}),
            proto.warmup_start_rate());
  CheckRate(field(ScheduleProto::kPolynomialFieldNumber,
                  PolynomialProto::kEndRateFieldNumber),
            proto.polynomial().end_rate());
  CheckRate(field(ScheduleProto::kCosineFieldNumber,
                  CosineProto::kEndRateFieldNumber),
            proto.cosine().end_rate());
  CheckRate(field(ScheduleProto::kOneCycleFieldNumber,
                  OneCycleProto::kEndRateFieldNumber),
            proto.one_cycle().end_rate());
  const OptimizerSpec optimizer = MakeOptimizerSpec(recipe_);
  const std::optional<double> momentum = MomentumOf(optimizer);
  if (proto.one_cycle().has_low_momentum()) {
    const FieldPath low = field(ScheduleProto::kOneCycleFieldNumber,
                                OneCycleProto::kLowMomentumFieldNumber);
    if (!momentum.has_value()) {
      Add(low, absl::StrCat(NameOf(low),
                            " is given, but the optimizer has no momentum; "
                            "expected MOMENTUM, NESTEROV, ADAM or ADAMW"));
    } else if (proto.one_cycle().low_momentum() > *momentum) {
      Add(low, absl::StrCat(
                   NameOf(low), " is ", proto.one_cycle().low_momentum(),
                   "; expected at most that of the optimizer, ", *momentum));
    }
  }
  if (proto.has_in_steps()) {
    const FieldPath in_steps = Join(path, {ScheduleProto::kInStepsFieldNumber});
    const absl::Status status = Check(
        MakeScheduleSpec(recipe_, /*steps_per_epoch=*/1, /*total_steps=*/1));
    // Without a learning rate, that alone is the problem.
    if (!status.ok() && recipe_.learning_rate() > 0) {
      Add(in_steps, absl::StrCat(NameOf(in_steps), ": ", status.message()));
    }
    if (proto.warmup_epochs() != 0) {
      Add(in_steps, absl::StrCat("schedule.warmup_epochs is ",
                                 proto.warmup_epochs(), "; expected ",
                                 NameOf(in_steps), ".warmup_steps instead"));
    }
  }
  const MultiStepProto& steps = proto.multi_step();
  double before = proto.warmup_epochs();
  for (int i = 0; i < steps.epoch_size(); ++i) {
    FieldPath entry = field(ScheduleProto::kMultiStepFieldNumber,
                            MultiStepProto::kEpochFieldNumber);
    entry.back().index = i;
    if (steps.epoch(i) <= before) {
      Add(entry, absl::StrCat(
                     NameOf(entry), " is ", steps.epoch(i),
                     "; expected more than ", before,
                     i == 0 ? ", the end of the warm-up" : ", the one before"));
    }
    before = steps.epoch(i);
  }
}

void ProblemFinder::FindInLayerRules() {
  for (int i = 0; i < recipe_.layer_rule_size(); ++i) {
    const LayerRuleProto& rule = recipe_.layer_rule(i);
    const FieldPath path = {{RecipeProto::kLayerRuleFieldNumber, i}};
    if (rule.freeze() && rule.has_rate_factor()) {
      Add(path, absl::StrCat(NameOf(path),
                             " has freeze and rate_factor: a frozen layer has "
                             "no learning rate"));
    }
  }
}

void ProblemFinder::FindInBackend() {
  if (recipe_.backend().empty()) return;
  const FieldPath path = {{RecipeProto::kBackendFieldNumber}};
  const absl::StatusOr<Backend> backend = BackendByName(recipe_.backend());
  if (!backend.ok()) {
    Add(path, absl::StrCat("backend: ", backend.status().message()));
  } else if (!CanTrain(*backend)) {
    Add(path,
        absl::StrCat(
            "backend is ", recipe_.backend(),
            ", which cannot train; expected lanes, xnnpack or reference"));
  }
}

void ProblemFinder::FindInMetric(const FieldPath& path,
                                 const std::string& name) {
  const absl::Status status = MetricByName(name).status();
  if (!status.ok()) {
    Add(path, absl::StrCat(NameOf(path), " ", status.message()));
  }
}

// Folders may have names of any bytes, which make a recipe's relative paths
// absolute; a checkpoint with such a string could not be read.
void ProblemFinder::FindInStrings(const FieldPath& path,
                                  const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count =
        field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const FieldPath entry = Join(
          path,
          {.number = field->number(), .index = field->is_repeated() ? i : -1});
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        FindInStrings(entry,
                      field->is_repeated()
                          ? reflection.GetRepeatedMessage(message, field, i)
                          : reflection.GetMessage(message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text =
            field->is_repeated()
                ? reflection.GetRepeatedString(message, field, i)
                : reflection.GetString(message, field);
        if (!IsValidUtf8(text)) {
          Add(entry, absl::StrCat(NameOf(entry), " is \"", Printable(text),
                                  "\", which is not UTF-8"));
        }
      }
    }
  }
}

}  // namespace

std::vector<FieldProblem> FindProblems(const RecipeProto& recipe) {
  std::vector<FieldProblem> problems = CheckFieldRules(recipe);
  for (FieldProblem& problem : ProblemFinder(recipe).Find()) {
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace lenslet
