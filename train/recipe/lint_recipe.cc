#include "lenslet/train/recipe/lint_recipe.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "lenslet/base/field_names.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/proto_text_problems.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_tokens.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/quantity.h"
#include "lenslet/train/recipe/layer_changes.h"
#include "lenslet/train/recipe/layer_rules.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/recipe/start_problems.h"
#include "lenslet/train/warnings.h"

namespace lenslet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Whether the last field of the path is in the message. False for no path,
// which means what is nowhere.
bool Has(const Message& root, absl::Span<const FieldStep> path) {
  if (path.empty()) return false;
  const Message* message = &root;
  for (const FieldStep& step : path) {
    const Reflection* reflection = message->GetReflection();
    const FieldDescriptor* field =
        message->GetDescriptor()->FindFieldByNumber(step.number);
    if (field->is_repeated()) {
      const int size = reflection->FieldSize(*message, field);
      if (size <= std::max(step.index, 0)) return false;
      if (field->message_type() == nullptr || step.index < 0) return true;
      message = &reflection->GetRepeatedMessage(*message, field, step.index);
    } else {
      if (!reflection->HasField(*message, field)) return false;
      if (field->message_type() == nullptr) return true;
      message = &reflection->GetMessage(*message, field);
    }
  }
  return true;
}

// What a recipe tells of its data's sizes; nothing for what only data says.
struct DataSizes {
  std::vector<int64_t> shape;
  std::optional<int64_t> classes;
};

// What a recipe tells of its targets.
struct DataTarget {
  // Nothing if only data says it.
  std::optional<TargetKind> kind;
  // Of one target; of classes, of the scores.
  std::vector<int64_t> shape;
  // The field, for people; "" if none is set.
  std::string field;
};

DataSizes SizesOf(const DataProto& data) {
  const auto list = [](const auto& sizes) {
    return std::vector<int64_t>(sizes.begin(), sizes.end());
  };
  switch (data.source_case()) {
    case DataProto::kFashionMnist:
    case DataProto::SOURCE_NOT_SET:
      return {.shape = {28, 28, 1}, .classes = 10};
    case DataProto::kIdx:
    case DataProto::kPacked:
      return {};
    case DataProto::kNpy:
      return {.shape = list(data.npy().shape()), .classes = {}};
    case DataProto::kImageFolders:
      return {.shape = list(data.image_folders().shape()), .classes = {}};
    case DataProto::kImageTable:
      return {.shape = list(data.image_table().shape()), .classes = {}};
    case DataProto::kImageMasks:
      return {.shape = list(data.image_masks().shape()),
              .classes = data.image_masks().class_names_size()};
    case DataProto::kCsv:
      if (data.csv().shape().empty()) {
        if (data.csv().numbers() == CsvProto::FLOAT) return {};
        return {.shape = {28, 28, 1}, .classes = {}};
      }
      return {.shape = list(data.csv().shape()), .classes = {}};
    case DataProto::kCifar10:
      return {.shape = {32, 32, 3}, .classes = 10};
    case DataProto::kCifar100:
      return {.shape = {32, 32, 3},
              .classes =
                  data.cifar100().labels() == Cifar100Proto::FINE ? 100 : 20};
    case DataProto::kSynthetic:
      return {.shape = list(data.synthetic().shape()),
              .classes = IntegerOrDefault(data.synthetic(),
                                          SyntheticProto::kClassesFieldNumber)};
    case DataProto::kInMemory:
      return {.shape = list(data.in_memory().shape()),
              .classes = data.in_memory().classes()};
  }
  return {};
}

DataTarget TargetOf(const DataProto& data) {
  const DataSizes sizes = SizesOf(data);
  const TargetProto& target = data.target();
  switch (target.kind_case()) {
    case TargetProto::kValue: {
      DataTarget result = {.kind = TargetKind::kValues,
                           .shape = {},
                           .field = "data.target.value"};
      if (target.value().columns_size() > 0) {
        result.shape = {target.value().columns_size()};
      }
      return result;
    }
    case TargetProto::kClasses: {
      DataTarget result = {.kind = TargetKind::kLabels,
                           .shape = {},
                           .field = "data.target.classes"};
      if (target.classes().names_size() > 0) {
        result.shape = {target.classes().names_size()};
      }
      return result;
    }
    case TargetProto::kLabel:
      return {.kind = TargetKind::kClasses,
              .shape = {},
              .field = "data.target.label"};
    case TargetProto::kInput:
      return {.kind = TargetKind::kValues,
              .shape = sizes.shape,
              .field = "data.target.input"};
    case TargetProto::KIND_NOT_SET:
      break;
  }
  // These files may have any.
  if (data.has_packed() || data.has_npy()) return {};
  // A program had labels or values, which its description does not tell apart.
  if (data.has_in_memory() && data.in_memory().classes() == 0) return {};
  DataTarget result = {.kind = TargetKind::kClasses, .shape = {}, .field = ""};
  if (data.has_image_masks() && sizes.shape.size() == 3) {
    result.shape = {sizes.shape[0], sizes.shape[1], *sizes.classes};
    return result;
  }
  if (sizes.classes) result.shape = {*sizes.classes};
  return result;
}

// Whether there are test examples, if the recipe tells.
std::optional<bool> HasTest(const DataProto& data) {
  switch (data.source_case()) {
    case DataProto::kImageFolders:
      return !data.image_folders().test_directory().empty();
    case DataProto::kPacked:
      return !data.packed().test_file().empty();
    case DataProto::kCsv:
      return !data.csv().test_file().empty();
    case DataProto::kNpy:
      return !data.npy().test_inputs().empty();
    case DataProto::kImageTable:
      return !data.image_table().test_file().empty();
    case DataProto::kImageMasks:
      return !data.image_masks().test_images().empty();
    case DataProto::kInMemory:
      return data.in_memory().test_examples() > 0;
    case DataProto::kFashionMnist:
    case DataProto::kIdx:
    case DataProto::kCifar10:
    case DataProto::kCifar100:
    case DataProto::kSynthetic:
    case DataProto::SOURCE_NOT_SET:
      return true;
  }
  return std::nullopt;
}

// What a recipe tells of its data.
KnownData KnownOf(const DataProto& data) {
  KnownData known = {.has_test = HasTest(data)};
  const DataSizes sizes = SizesOf(data);
  const absl::StatusOr<Shape> shape = Shape::Create(sizes.shape);
  if (shape.ok() && !sizes.shape.empty()) known.shape = *shape;
  if (data.csv().numbers() == CsvProto::FLOAT) {
    known.type = ElementType::kFloat32;
  }
  const DataTarget target = TargetOf(data);
  known.target = target.kind;
  known.target_field = target.field;
  if (target.kind == TargetKind::kClasses) known.classes = sizes.classes;
  if (data.has_in_memory()) {
    known.has_validation = data.in_memory().validation_examples() > 0;
  } else if (data.validation_fraction() == 0 && !data.has_fold()) {
    known.has_validation = false;
  }
  return known;
}

class Linter {
 public:
  Linter(absl::string_view text, absl::string_view file_name,
         const std::string& folder)
      : folder_(folder),
        mended_(ParseAndFindProblems(text, file_name, recipe_)),
        problems_(mended_.problems) {}

  std::vector<TextProblem> Lint();

 private:
  void Add(const std::vector<FieldStep>& path, const std::string& message,
           bool is_warning = false) {
    problems_.push_back({.place = FindPlace(recipe_, mended_, path),
                         .message = message,
                         .is_warning = is_warning});
  }
  void LintModelAndData();
  void LintLayerRules(const ModelProto& model);
  // Makes the changes that can be made, and returns whether all could.
  bool LintLayerChanges(ModelProto& model);
  void LintFit(const Graph& graph);
  // What a run would warn of before its first step.
  void LintTraining(const Graph& graph);
  // What would end a run before its first step.
  void LintStart(const Graph& graph);
  // Last layers that do not fit the loss.
  void LintLastLayers(const Graph& graph);

  const std::string& folder_;
  RecipeProto recipe_;
  const MendedText mended_;
  std::vector<TextProblem> problems_;
};

std::vector<TextProblem> Linter::Lint() {
  if (mended_.complete) {
    for (const FieldProblem& problem : FindProblems(recipe_)) {
      // What is missing may be what was taken out.
      if (mended_.gaps.empty() || Has(recipe_, problem.path)) {
        Add(problem.path, problem.message);
      }
    }
    if (!recipe_.model().empty()) LintModelAndData();
  }
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const TextProblem& a, const TextProblem& b) {
                     return a.place < b.place;
                   });
  return std::move(problems_);
}

void Linter::LintModelAndData() {
  const std::vector<FieldStep> path = {{RecipeProto::kModelFieldNumber}};
  RecipeProto absolute = recipe_;
  MakePathsAbsolute(folder_, absolute);
  const absl::StatusOr<ModelText> model = LoadModelOf(absolute);
  if (!model.ok()) {
    Add(path, absl::StrCat("model: ", model.status().message()));
    return;
  }
  LintLayerRules(model->model);
  const absl::StatusOr<Graph> graph = BuildGraph(*model);
  if (!graph.ok()) {
    Add(path, absl::StrCat("model: ", graph.status().message()));
    return;
  }
  ModelProto changed = model->model;
  if (!LintLayerChanges(changed)) return;
  // LintLayerRules() tells of rules without a layer.
  (void)FreezeLayers(recipe_, changed);
  const absl::StatusOr<Graph> changed_graph = BuildGraph(changed);
  if (!changed_graph.ok()) {
    Add({{RecipeProto::kLayerChangeFieldNumber, 0}},
        absl::StrCat("the model with layer_change: ",
                     changed_graph.status().message()));
    return;
  }
  if (!mended_.gaps.empty()) return;
  LintFit(*changed_graph);
  if (!FindProblems(recipe_).empty()) return;
  LintStart(*changed_graph);
  LintTraining(*changed_graph);
}

void Linter::LintTraining(const Graph& graph) {
  const auto warn_of_test = [&](const std::vector<FieldStep>& path,
                                const std::string& name) {
    const absl::StatusOr<NamedMetric> metric = MetricByName(name);
    if (!metric.ok()) return;
    if (const auto warning = WarnOfTestMetric(
            FieldName(*RecipeProto::descriptor(), path), *metric)) {
      Add(path, warning->text, /*is_warning=*/true);
    }
  };
  warn_of_test(
      {{RecipeProto::kSaveFieldNumber}, {SaveProto::kBestByFieldNumber}},
      recipe_.save().best_by());
  warn_of_test({{RecipeProto::kEarlyStoppingFieldNumber},
                {EarlyStoppingProto::kMetricFieldNumber}},
               recipe_.early_stopping().metric());
  // Only data says how many steps an epoch has, which matters if the lengths of
  // the warm-up and of the run are not both in epochs or both in steps.
  constexpr int64_t kSteps = 1000;
  const WarmupUnit unit = WarmupUnitOf(recipe_);
  if (recipe_.has_steps() == (unit == WarmupUnit::kSteps)) {
    const int64_t total = TotalSteps(recipe_, kSteps);
    if (const auto warning = WarnOfWarmup(
            MakeScheduleSpec(recipe_, kSteps, total), total, kSteps, unit)) {
      std::vector<FieldStep> path = {{RecipeProto::kScheduleFieldNumber}};
      if (unit == WarmupUnit::kSteps) {
        path.push_back({ScheduleProto::kInStepsFieldNumber});
        path.push_back({InStepsProto::kWarmupStepsFieldNumber});
      } else {
        path.push_back({ScheduleProto::kWarmupEpochsFieldNumber});
      }
      Add(path, warning->text, /*is_warning=*/true);
    }
  }
  if (const auto warning = WarnOfTwoBalances(recipe_.loss().balanced(),
                                             IsSampledByClass(recipe_))) {
    Add({{RecipeProto::kSamplingFieldNumber}}, warning->text,
        /*is_warning=*/true);
  }
  const auto note_zeros = [&](const std::vector<FieldStep>& path,
                              absl::Span<const double> weights) {
    if (const auto note =
            NoteOfZeroWeights(FieldName(*RecipeProto::descriptor(), path),
                              weights, /*class_names=*/{})) {
      Add(path, note->text, /*is_warning=*/true);
      problems_.back().is_note = true;
    }
  };
  note_zeros({{RecipeProto::kSamplingFieldNumber},
              {SamplingProto::kClassWeightFieldNumber}},
             recipe_.sampling().class_weight());
  note_zeros(
      {{RecipeProto::kLossFieldNumber}, {LossProto::kClassWeightFieldNumber}},
      recipe_.loss().class_weight());
  // Nor how many examples its last batch has.
  const int64_t batch = UpdateSize(recipe_);
  const int64_t block =
      IntegerOrDefault(recipe_, RecipeProto::kBlockFieldNumber);
  if (const auto warning = WarnOfBatchNorm(graph, block, batch, batch)) {
    const std::vector<FieldStep> path = {{RecipeProto::kBlockFieldNumber}};
    Add(Has(recipe_, path)
            ? path
            : std::vector<FieldStep>{{RecipeProto::kModelFieldNumber}},
        warning->text, /*is_warning=*/true);
  }
}

bool Linter::LintLayerChanges(ModelProto& model) {
  bool fits = true;
  for (int i = 0; i < recipe_.layer_change_size(); ++i) {
    RecipeProto alone;
    *alone.add_layer_change() = recipe_.layer_change(i);
    const LayerChangeProto& change = alone.layer_change(0);
    if (change.layer().empty() || change.field().empty() ||
        change.value().empty()) {
      fits = false;
      continue;
    }
    const absl::Status status = ChangeLayers(alone, model);
    if (status.ok()) continue;
    fits = false;
    Add({{RecipeProto::kLayerChangeFieldNumber, i}},
        absl::StrCat("layer_change[", i, "]",
                     absl::StripPrefix(status.message(), "layer_change[0]")));
  }
  return fits;
}

void Linter::LintLayerRules(const ModelProto& model) {
  for (int i = 0; i < recipe_.layer_rule_size(); ++i) {
    RecipeProto alone;
    *alone.add_layer_rule() = recipe_.layer_rule(i);
    if (alone.layer_rule(0).layer().empty()) continue;
    ModelProto copy = model;
    const absl::Status status = FreezeLayers(alone, copy);
    if (status.ok()) continue;
    Add({{RecipeProto::kLayerRuleFieldNumber, i},
         {.number = LayerRuleProto::kLayerFieldNumber}},
        absl::StrCat("layer_rule[", i, "]: ",
                     absl::StripPrefix(status.message(), "layer_rule[0]: ")));
  }
}

void Linter::LintFit(const Graph& graph) {
  const std::vector<FieldStep> path = {{RecipeProto::kModelFieldNumber}};
  const DataSizes data = SizesOf(recipe_.data());
  if (graph.inputs().size() != 1) {
    Add(path, absl::StrCat("the model has ",
                           CountText(graph.inputs().size(), "input"),
                           "; expected one"));
  } else if (const Graph::Input& input = graph.inputs()[0];
             !data.shape.empty() && input.shape.dims() != data.shape) {
    Add(path,
        absl::StrCat("the model's input \"", input.name, "\" has shape ",
                     input.shape.ToString(), "; the data's ",
                     ExamplesWord(Shape::Create(data.shape).value_or(Shape())),
                     " have shape [", absl::StrJoin(data.shape, ", "), "]"));
  }
  const Graph::Node& last =
      graph.nodes()[graph.NodeOfValue(graph.output_value())];
  const DataTarget target = TargetOf(recipe_.data());
  if (target.kind == TargetKind::kValues) {
    if (!target.shape.empty() && last.output.dims() != target.shape) {
      Add(path, absl::StrCat("the model's output, layer \"", last.name,
                             "\", has shape ", last.output.ToString(),
                             "; expected [", absl::StrJoin(target.shape, ", "),
                             "], a number for each value of ", target.field));
    }
  } else if (target.shape.size() > 1) {
    if (last.output.dims() != target.shape) {
      Add(path, absl::StrCat("the model's output, layer \"", last.name,
                             "\", has shape ", last.output.ToString(),
                             "; expected [", absl::StrJoin(target.shape, ", "),
                             "], a score for each class at each pixel"));
    }
  } else if (target.kind.has_value() && last.output.rank() != 1) {
    const std::string hint = FlattenHint(graph);
    Add(path, absl::StrCat(
                  "the model's output, layer \"", last.name, "\", has shape ",
                  last.output.ToString(), "; expected one number for each ",
                  target.kind == TargetKind::kLabels ? "label" : "class",
                  ", such as [10]", hint.empty() ? "" : "; ", hint));
  } else if (!target.shape.empty() && last.output.dim(0) != target.shape[0]) {
    Add(path, absl::StrCat(
                  "the model's output, layer \"", last.name, "\", has shape ",
                  last.output.ToString(), "; expected [", target.shape[0],
                  "], a number for each of the data's ", Name(*target.kind)));
  }
  LintLastLayers(graph);
}

void Linter::LintStart(const Graph& graph) {
  for (const StartProblem& problem :
       FindStartProblems(recipe_, graph, KnownOf(recipe_.data()))) {
    Add(problem.path, std::string(problem.status.message()));
  }
}

void Linter::LintLastLayers(const Graph& graph) {
  RecipeProto recipe = recipe_;
  // Says nothing of the loss itself, and needs data.
  recipe.mutable_loss()->set_balanced(false);
  const DataTarget target = TargetOf(recipe_.data());
  const absl::StatusOr<LossSpec> loss =
      MakeLossSpec(recipe, {}, target.kind.value_or(TargetKind::kClasses));
  if (!loss.ok()) return;
  if (const auto warning = WarnOfLimitedScores(graph, loss->kind)) {
    Add({{RecipeProto::kModelFieldNumber}}, warning->text, /*is_warning=*/true);
  }
}

// How well a name fits a type of message: 3 for one of its fields, 2 for what
// one is also called, 1 for a typing mistake.
int FitOf(absl::string_view name, const google::protobuf::Descriptor& type) {
  if (const FieldDescriptor* field = FieldCalled(name, type)) {
    return field->name() == name ? 3 : 2;
  }
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->name());
  }
  return NearestName(name, names).empty() ? 0 : 1;
}

struct TextFit {
  int64_t recipe = 0;
  int64_t model = 0;
  int64_t names = 0;
  // Names of fields of recipes or models, also called so, without mistakes.
  int64_t known = 0;
  // Whether the text begins with a field.
  bool begins_with_field = false;
};

// How well the names of a text's outermost fields fit recipes and models.
TextFit FitOfText(absl::string_view text) {
  constexpr int kMostNames = 1000;
  int depth = 0;
  TextFit fit;
  const TextToken first = NextToken(text, 0);
  for (TextToken token = first;
       token.kind != TextToken::Kind::kEnd && fit.names < kMostNames;) {
    const TextToken next = NextToken(text, token.end);
    const absl::string_view word =
        text.substr(token.begin, token.end - token.begin);
    if (word == "{" || word == "[") ++depth;
    if (word == "}" || word == "]") --depth;
    const bool is_field = token.kind == TextToken::Kind::kName &&
                          next.kind == TextToken::Kind::kSymbol &&
                          (text[next.begin] == ':' || text[next.begin] == '{');
    if (depth == 0 && is_field) {
      ++fit.names;
      if (token.begin == first.begin) fit.begins_with_field = true;
      const int recipe = FitOf(word, *RecipeProto::descriptor());
      const int model = FitOf(word, *ModelProto::descriptor());
      fit.recipe += recipe;
      fit.model += model;
      fit.known += std::max(recipe, model) > 1;
    }
    token = next;
  }
  return fit;
}

}  // namespace

bool HasFieldsOfRecipeOrModel(absl::string_view text) {
  const TextFit fit = FitOfText(WithoutByteOrderMark(text));
  return fit.begins_with_field && 2 * fit.known > fit.names;
}

bool LooksLikeRecipe(absl::string_view text) {
  const TextFit fit = FitOfText(text);
  return fit.recipe > fit.model;
}

bool LooksLikeModel(absl::string_view text) {
  const TextFit fit = FitOfText(text);
  return fit.model > 0 && fit.model >= fit.recipe;
}

std::vector<TextProblem> LintRecipe(absl::string_view text,
                                    absl::string_view file_name,
                                    const std::string& folder) {
  return Linter(text, file_name, folder).Lint();
}

}  // namespace lenslet
