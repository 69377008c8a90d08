#include <cmath>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/utf8.h"
#include "lenslet/ops/backend.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_field_checks.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

class ProblemFinder : private RecipeFieldChecks {
 public:
  explicit ProblemFinder(const RecipeProto& recipe) : recipe_(recipe) {}

  std::vector<RecipeProblem> Find() {
    FindInModelAndData();
    FindInAugmentation();
    FindInLength();
    FindInLoss();
    FindInOptimizer();
    FindInSchedule();
    FindInLayerRules();
    FindInTheRest();
    FindInLayerChanges();
    FindInStrings({}, recipe_);
    return TakeProblems();
  }

 private:
  void FindInModelAndData();
  void FindInNormalization(const FieldPath& data);
  void FindInAugmentation();
  void FindInLength();
  void FindInLoss();
  void FindInOptimizer();
  void FindInSchedule();
  void FindInLayerRules();
  void FindInTheRest();
  void FindInLayerChanges();
  // In those of `message`, which is at `path`.
  void FindInStrings(const FieldPath& path,
                     const google::protobuf::Message& message);

  const RecipeProto& recipe_;
};

void ProblemFinder::FindInModelAndData() {
  CheckNeeded({{RecipeProto::kModelFieldNumber}}, !recipe_.model().empty());
  const DataProto& data = recipe_.data();
  const FieldPath path = {{RecipeProto::kDataFieldNumber}};
  switch (data.source_case()) {
    case DataProto::kIdx:
      CheckNeeded(Join(Join(path, {DataProto::kIdxFieldNumber}),
                       {IdxProto::kDirectoryFieldNumber}),
                  !data.idx().directory().empty());
      break;
    case DataProto::kImageFolders: {
      const FieldPath source =
          Join(path, {DataProto::kImageFoldersFieldNumber});
      CheckNeeded(Join(source, {ImageFoldersProto::kTrainDirectoryFieldNumber}),
                  !data.image_folders().train_directory().empty());
      CheckSizes(Join(source, {ImageFoldersProto::kShapeFieldNumber}),
                 data.image_folders().shape(), 3);
      break;
    }
    case DataProto::kCsv: {
      const FieldPath source = Join(path, {DataProto::kCsvFieldNumber});
      CheckNeeded(Join(source, {CsvProto::kTrainFileFieldNumber}),
                  !data.csv().train_file().empty());
      Check(Join(source, {CsvProto::kLabelColumnFieldNumber}),
            data.csv().label_column(), kNotNegative);
      CheckSizes(Join(source, {CsvProto::kShapeFieldNumber}),
                 data.csv().shape(), 0);
      break;
    }
    case DataProto::kCifar10:
      CheckNeeded(Join(Join(path, {DataProto::kCifar10FieldNumber}),
                       {Cifar10Proto::kDirectoryFieldNumber}),
                  !data.cifar10().directory().empty());
      break;
    case DataProto::kSynthetic: {
      const FieldPath source = Join(path, {DataProto::kSyntheticFieldNumber});
      const SyntheticProto& synthetic = data.synthetic();
      CheckNeeded(Join(source, {SyntheticProto::kShapeFieldNumber}),
                  !synthetic.shape().empty());
      CheckSizes(Join(source, {SyntheticProto::kShapeFieldNumber}),
                 synthetic.shape(), 0);
      CheckUnlessZero(Join(source, {SyntheticProto::kClassesFieldNumber}),
                      synthetic.classes(),
                      {.min = 2, .max = 256, .text = "2 to 256"});
      Check(Join(source, {SyntheticProto::kTrainExamplesFieldNumber}),
            synthetic.train_examples(), kNotNegative);
      Check(Join(source, {SyntheticProto::kTestExamplesFieldNumber}),
            synthetic.test_examples(), kNotNegative);
      Check(Join(source, {SyntheticProto::kNoiseFieldNumber}),
            synthetic.noise(), {.min = 0, .max = 1, .text = "0 to 1"});
      break;
    }
    case DataProto::kFashionMnist:
    case DataProto::SOURCE_NOT_SET:
      break;
  }
  Check(Join(path, {DataProto::kValidationFractionFieldNumber}),
        data.validation_fraction(), kShare);
  Check(Join(path, {DataProto::kMaxTrainExamplesFieldNumber}),
        data.max_train_examples(), kNotNegative);
  Check(Join(path, {DataProto::kMaxTestExamplesFieldNumber}),
        data.max_test_examples(), kNotNegative);
  FindInNormalization(path);
}

void ProblemFinder::FindInNormalization(const FieldPath& data) {
  const NormalizationProto& proto = recipe_.data().normalization();
  const FieldPath path = Join(data, {DataProto::kNormalizationFieldNumber});
  for (int i = 0; i < proto.mean_size(); ++i) {
    Check(Join(path, {NormalizationProto::kMeanFieldNumber, i}), proto.mean(i),
          {.text = "a finite number"});
  }
  for (int i = 0; i < proto.deviation_size(); ++i) {
    Check(Join(path, {NormalizationProto::kDeviationFieldNumber, i}),
          proto.deviation(i), kPositive);
  }
  if (proto.mean_size() != proto.deviation_size()) {
    Add(path, absl::StrCat(NameOf(path), " has ", proto.mean_size(),
                           " means and ", proto.deviation_size(),
                           " deviations; expected as many of both"));
  }
}

void ProblemFinder::FindInAugmentation() {
  const AugmentationProto& proto = recipe_.augmentation();
  const FieldPath path = {{RecipeProto::kAugmentationFieldNumber}};
  Check(Join(path, {AugmentationProto::kRotationFieldNumber}), proto.rotation(),
        {.min = 0, .max = 180, .text = "0 to 180 degrees"});
  Check(Join(path, {AugmentationProto::kShiftFieldNumber}), proto.shift(),
        kNotNegative);
  Check(Join(path, {AugmentationProto::kCutoutFieldNumber}), proto.cutout(),
        kNotNegative);
  Check(Join(path, {AugmentationProto::kNoiseFieldNumber}), proto.noise(),
        kNotNegative);
}

void ProblemFinder::FindInLength() {
  CheckUnlessZero({{RecipeProto::kBatchSizeFieldNumber}}, recipe_.batch_size(),
                  {.min = 1, .max = 1e6, .text = "1 to 1000000"});
  CheckUnlessZero({{RecipeProto::kAccumulateBatchesFieldNumber}},
                  recipe_.accumulate_batches(),
                  {.min = 1, .max = 1e6, .text = "1 to 1000000"});
  constexpr Range kLength = {.min = 1, .max = 1e9, .text = "1 to 1000000000"};
  if (recipe_.has_steps()) {
    Check({{RecipeProto::kStepsFieldNumber}}, recipe_.steps(), kLength);
  } else if (recipe_.has_epochs()) {
    Check({{RecipeProto::kEpochsFieldNumber}}, recipe_.epochs(), kLength);
  } else {
    Add({}, "epochs or steps are needed");
  }
}

void ProblemFinder::FindInLoss() {
  const LossProto& loss = recipe_.loss();
  const FieldPath path = {{RecipeProto::kLossFieldNumber}};
  Check(Join(Join(path, {LossProto::kCrossEntropyFieldNumber}),
             {CrossEntropyProto::kLabelSmoothingFieldNumber}),
        loss.cross_entropy().label_smoothing(), kShare);
  CheckUnlessZero(Join(Join(path, {LossProto::kHingeFieldNumber}),
                       {HingeProto::kMarginFieldNumber}),
                  loss.hinge().margin(), kPositive);
  bool all_zero = loss.class_weight_size() > 0;
  for (int i = 0; i < loss.class_weight_size(); ++i) {
    Check(Join(path, {LossProto::kClassWeightFieldNumber, i}),
          loss.class_weight(i), kNotNegative);
    all_zero &= loss.class_weight(i) == 0;
  }
  if (all_zero) {
    Add(Join(path, {LossProto::kClassWeightFieldNumber}),
        "loss.class_weight is 0 for all classes: there is nothing to learn");
  }
  if (loss.balanced() && loss.class_weight_size() > 0) {
    Add(Join(path, {LossProto::kBalancedFieldNumber}),
        "loss.balanced makes weights for the classes, which loss.class_weight "
        "has too; expected at most one of them");
  }
  CheckEnum({{RecipeProto::kInitializerFieldNumber},
             {InitializerProto::kKindFieldNumber}},
            recipe_.initializer().kind(), InitializerProto::Kind_descriptor());
  Check({{RecipeProto::kInitializerFieldNumber},
         {InitializerProto::kScaleFieldNumber}},
        recipe_.initializer().scale(), {.text = "a finite number"});
}

void ProblemFinder::FindInOptimizer() {
  const OptimizerProto& proto = recipe_.optimizer();
  const FieldPath path = {{RecipeProto::kOptimizerFieldNumber}};
  CheckEnum(Join(path, {OptimizerProto::kKindFieldNumber}), proto.kind(),
            OptimizerProto::Kind_descriptor());
  Check(Join(path, {OptimizerProto::kMomentumFieldNumber}), proto.momentum(),
        kShare);
  Check(Join(path, {OptimizerProto::kRmsDecayFieldNumber}), proto.rms_decay(),
        kShare);
  Check(Join(path, {OptimizerProto::kBeta1FieldNumber}), proto.beta1(), kShare);
  Check(Join(path, {OptimizerProto::kBeta2FieldNumber}), proto.beta2(), kShare);
  if (proto.has_epsilon()) {
    Check(Join(path, {OptimizerProto::kEpsilonFieldNumber}), proto.epsilon(),
          kPositive);
  }
  Check(Join(path, {OptimizerProto::kWeightDecayFieldNumber}),
        proto.weight_decay(), kNotNegative);
  const FieldPath rate = {{RecipeProto::kLearningRateFieldNumber}};
  if (recipe_.learning_rate() == 0) {
    Add(rate, "learning_rate is needed: a positive number");
  } else {
    Check(rate, recipe_.learning_rate(), kPositive);
  }
}

void ProblemFinder::FindInSchedule() {
  const ScheduleProto& proto = recipe_.schedule();
  const FieldPath path = {{RecipeProto::kScheduleFieldNumber}};
  const Range up_to_rate = {.min = 0,
                            .max = std::abs(recipe_.learning_rate()),
                            .text = "at least 0 and at most learning_rate"};
  switch (proto.kind_case()) {
    case ScheduleProto::kStep: {
      const FieldPath kind = Join(path, {ScheduleProto::kStepFieldNumber});
      Check(Join(kind, {StepProto::kEveryEpochsFieldNumber}),
            proto.step().every_epochs(), kPositive);
      CheckUnlessZero(Join(kind, {StepProto::kGammaFieldNumber}),
                      proto.step().gamma(), kAboveZeroUpToOne);
      break;
    }
    case ScheduleProto::kMultiStep: {
      const FieldPath kind = Join(path, {ScheduleProto::kMultiStepFieldNumber});
      const MultiStepProto& steps = proto.multi_step();
      CheckNeeded(Join(kind, {MultiStepProto::kEpochFieldNumber}),
                  steps.epoch_size() > 0);
      double before = proto.warmup_epochs();
      for (int i = 0; i < steps.epoch_size(); ++i) {
        const FieldPath entry =
            Join(kind, {MultiStepProto::kEpochFieldNumber, i});
        if (!(steps.epoch(i) > before) || !std::isfinite(steps.epoch(i))) {
          Add(entry, absl::StrCat(NameOf(entry), " is ", steps.epoch(i),
                                  "; expected more than ", before,
                                  i == 0 ? ", the end of the warm-up"
                                         : ", the one before"));
        }
        before = steps.epoch(i);
      }
      CheckUnlessZero(Join(kind, {MultiStepProto::kGammaFieldNumber}),
                      steps.gamma(), kAboveZeroUpToOne);
      break;
    }
    case ScheduleProto::kExponential: {
      const FieldPath kind =
          Join(path, {ScheduleProto::kExponentialFieldNumber});
      CheckUnlessZero(Join(kind, {ExponentialProto::kEpochsFieldNumber}),
                      proto.exponential().epochs(), kPositive);
      CheckUnlessZero(Join(kind, {ExponentialProto::kGammaFieldNumber}),
                      proto.exponential().gamma(), kAboveZeroUpToOne);
      break;
    }
    case ScheduleProto::kInverse:
      Check(Join(Join(path, {ScheduleProto::kInverseFieldNumber}),
                 {InverseProto::kDecayFieldNumber}),
            proto.inverse().decay(), kPositive);
      break;
    case ScheduleProto::kPolynomial: {
      const FieldPath kind =
          Join(path, {ScheduleProto::kPolynomialFieldNumber});
      CheckUnlessZero(Join(kind, {PolynomialProto::kPowerFieldNumber}),
                      proto.polynomial().power(), kPositive);
      Check(Join(kind, {PolynomialProto::kEndRateFieldNumber}),
            proto.polynomial().end_rate(), up_to_rate);
      break;
    }
    case ScheduleProto::kCosine:
      Check(Join(Join(path, {ScheduleProto::kCosineFieldNumber}),
                 {CosineProto::kEndRateFieldNumber}),
            proto.cosine().end_rate(), up_to_rate);
      break;
    case ScheduleProto::kOneCycle: {
      const FieldPath kind = Join(path, {ScheduleProto::kOneCycleFieldNumber});
      const OneCycleProto& cycle = proto.one_cycle();
      if (cycle.has_start_factor()) {
        Check(Join(kind, {OneCycleProto::kStartFactorFieldNumber}),
              cycle.start_factor(), kAboveZeroUpToOne);
      }
      Check(Join(kind, {OneCycleProto::kEndRateFieldNumber}), cycle.end_rate(),
            up_to_rate);
      if (cycle.has_peak_fraction()) {
        Check(Join(kind, {OneCycleProto::kPeakFractionFieldNumber}),
              cycle.peak_fraction(),
              {.min = 0,
               .max = 1,
               .above_min = true,
               .below_max = true,
               .text = "above 0 and less than 1"});
      }
      break;
    }
    case ScheduleProto::kConstant:
    case ScheduleProto::KIND_NOT_SET:
      break;
  }
  Check(Join(path, {ScheduleProto::kWarmupEpochsFieldNumber}),
        proto.warmup_epochs(), kNotNegative);
  Check(Join(path, {ScheduleProto::kWarmupStartRateFieldNumber}),
        proto.warmup_start_rate(), up_to_rate);
  if (recipe_.has_reduce_on_plateau()) {
    const ReduceOnPlateauProto& plateau = recipe_.reduce_on_plateau();
    const FieldPath reduce = {{RecipeProto::kReduceOnPlateauFieldNumber}};
    CheckUnlessZero(Join(reduce, {ReduceOnPlateauProto::kGammaFieldNumber}),
                    plateau.gamma(),
                    {.min = 0,
                     .max = 1,
                     .above_min = true,
                     .below_max = true,
                     .text = "above 0 and less than 1"});
    CheckUnlessZero(Join(reduce, {ReduceOnPlateauProto::kPatienceFieldNumber}),
                    plateau.patience(), kAtLeastOne);
    Check(Join(reduce, {ReduceOnPlateauProto::kMinChangeFieldNumber}),
          plateau.min_change(), kNotNegative);
    Check(Join(reduce, {ReduceOnPlateauProto::kMinFactorFieldNumber}),
          plateau.min_factor(), {.min = 0, .max = 1, .text = "0 to 1"});
  }
}

void ProblemFinder::FindInLayerRules() {
  for (int i = 0; i < recipe_.layer_rule_size(); ++i) {
    const LayerRuleProto& rule = recipe_.layer_rule(i);
    const FieldPath path = {{RecipeProto::kLayerRuleFieldNumber, i}};
    CheckNeeded(Join(path, {LayerRuleProto::kLayerFieldNumber}),
                !rule.layer().empty());
    if (rule.has_rate_factor()) {
      Check(Join(path, {LayerRuleProto::kRateFactorFieldNumber}),
            rule.rate_factor(), kNotNegative);
    }
    if (rule.freeze() && rule.has_rate_factor()) {
      Add(path, absl::StrCat(NameOf(path),
                             " has freeze and rate_factor: a frozen layer has "
                             "no learning rate"));
    }
  }
}

void ProblemFinder::FindInLayerChanges() {
  for (int i = 0; i < recipe_.layer_change_size(); ++i) {
    const LayerChangeProto& change = recipe_.layer_change(i);
    const FieldPath path = {{RecipeProto::kLayerChangeFieldNumber, i}};
    CheckNeeded(Join(path, {LayerChangeProto::kLayerFieldNumber}),
                !change.layer().empty());
    CheckNeeded(Join(path, {LayerChangeProto::kFieldFieldNumber}),
                !change.field().empty());
    CheckNeeded(Join(path, {LayerChangeProto::kValueFieldNumber}),
                !change.value().empty());
  }
}

void ProblemFinder::FindInTheRest() {
  Check({{RecipeProto::kClipNormFieldNumber}}, recipe_.clip_norm(),
        kNotNegative);
  Check({{RecipeProto::kAverageDecayFieldNumber}}, recipe_.average_decay(),
        kShare);
  if (!recipe_.backend().empty()) {
    const FieldPath path = {{RecipeProto::kBackendFieldNumber}};
    const absl::StatusOr<Backend> backend = BackendByName(recipe_.backend());
    if (!backend.ok()) {
      Add(path, absl::StrCat("backend: ", backend.status().message()));
    } else if (!CanTrain(*backend)) {
      Add(path, absl::StrCat("backend is ", recipe_.backend(),
                             ", which only goes forward; lanes trains"));
    }
  }
  CheckUnlessZero({{RecipeProto::kBlockFieldNumber}}, recipe_.block(),
                  {.min = 1, .max = 1e6, .text = "1 to 1000000"});
  const FieldPath save = {{RecipeProto::kSaveFieldNumber}};
  Check(Join(save, {SaveProto::kEveryStepsFieldNumber}),
        recipe_.save().every_steps(), kNotNegative);
  CheckUnlessZero(Join(save, {SaveProto::kKeepFieldNumber}),
                  recipe_.save().keep(), kAtLeastOne);
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

std::vector<RecipeProblem> FindProblems(const RecipeProto& recipe) {
  return ProblemFinder(recipe).Find();
}

}  // namespace lenslet
