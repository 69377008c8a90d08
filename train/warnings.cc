#include "lenslet/train/warnings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/crc32c.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/ops/activation/activation_spec.h"

namespace lenslet {
namespace {

bool TakesSigmoidLogits(const LossKind& kind) {
  return std::holds_alternative<SigmoidCrossEntropySpec>(kind) ||
         std::holds_alternative<SigmoidFocalSpec>(kind);
}

// The losses that turn scores into probabilities.
bool TakesLogits(const LossKind& kind) {
  return std::holds_alternative<CrossEntropySpec>(kind) ||
         std::holds_alternative<FocalSpec>(kind) || TakesSigmoidLogits(kind);
}

// Where the outputs of an activation are.
struct OutputRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

OutputRange RangeOf(const ActivationSpec& spec) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
    case ActivationKind::kHardSigmoid:
      return {0, 1};
    case ActivationKind::kTanh:
      return {-1, 1};
    case ActivationKind::kRelu:
    case ActivationKind::kSoftplus:
      return {.low = 0};
    case ActivationKind::kClip:
      return {spec.min, spec.max};
    case ActivationKind::kLeakyRelu:
      return spec.slope == 0 ? OutputRange{.low = 0} : OutputRange{};
    case ActivationKind::kElu:
      return {.low = -spec.alpha};
    // Their lowest values, rounded down.
    case ActivationKind::kGelu:
      return {.low = -0.171};
    case ActivationKind::kSilu:
      return {.low = -0.279};
    case ActivationKind::kHardSwish:
      return {.low = -0.375};
  }
  return {};
}

// What the loss expects of scores, if they may not be in `range`: "focal
// expects scores of any value and ...". Else "".
std::string WhyNotIn(const OutputRange& range, const LossKind& loss) {
  const std::string name = absl::StrReplaceAll(Name(loss), {{"_", "-"}});
  if (std::isinf(range.low) && std::isinf(range.high)) return "";
  if (TakesLogits(loss)) {
    return absl::StrCat(
        name, " expects scores of any value and turns them into probabilities");
  }
  double margin = -1;
  if (const auto* hinge = std::get_if<HingeSpec>(&loss)) margin = hinge->margin;
  if (const auto* hinge = std::get_if<SumHingeSpec>(&loss)) {
    margin = hinge->margin;
  }
  if (margin > 0 && range.high - range.low <= margin) {
    return absl::StrCat(name, " expects scores that differ by more than ",
                        margin);
  }
  if (margin > 0 && range.low >= 0) {
    return absl::StrCat(name,
                        " lowers the scores of wrong classes, which pass no "
                        "gradient at their limit");
  }
  // Of labels and values, the targets are not known here.
  if (std::holds_alternative<MeanSquaredErrorSpec>(loss) &&
      (range.low > 0 || range.high <= 0)) {
    return absl::StrCat(name, " fits scores to 0 and 1");
  }
  return "";
}

// Whether a layer only arranges or drops numbers.
bool KeepsNumbers(const Layer& layer) {
  return std::holds_alternative<FlattenLayer>(layer.spec()) ||
         std::holds_alternative<ReshapeLayer>(layer.spec()) ||
         std::holds_alternative<DropoutSpec>(layer.spec());
}

std::string LayerText(const Graph::Node& node) {
  return absl::StrCat(node.layer.type(), " \"", node.name, "\"");
}

// The fewest images of a block.
int64_t SmallestBlock(int64_t block, int64_t batch_size, int64_t examples) {
  int64_t smallest = block;
  for (const int64_t batch : {batch_size, examples % batch_size}) {
    if (batch == 0) continue;
    const int64_t rest = std::min(batch, examples) % block;
    if (rest > 0) smallest = std::min(smallest, rest);
  }
  return smallest;
}

std::string RateText(double rate) { return absl::StrCat(rate); }

std::string LossText(double loss) { return NumberText(loss, 3, 4); }

// What to do about a loss above `guessing`. `least` is LeastLoss().
std::string GuessingRemedy(const LossCourse& course, double guessing,
                           double least, double rate) {
  // Inputs or parameters that are far too large begin so.
  const bool began_high =
      course.first.has_value() && *course.first > 2 * guessing;
  const std::string too_large =
      absl::StrCat("steps are too large; a learning_rate below ",
                   RateText(rate), ", such as ", RateText(rate / 10),
                   began_high ? ", data.normalization" : "",
                   ", a warm-up or clip_norm may help");
  // Of runs that earlier versions began.
  if (!course.first.has_value()) {
    return absl::StrCat("another learning_rate than ", RateText(rate),
                        " may help; lenslet find-rate shows one");
  }
  // Whether a loss is above another, times `factor`.
  const auto is_above = [&](double loss, double other, double factor) {
    return loss - least > factor * (other - least);
  };
  const std::string since =
      absl::StrCat(LossText(*course.first), " before the first step");
  if (course.lowest.has_value() &&
      is_above(course.mean, *course.lowest, 1.05)) {
    return absl::StrCat("it has risen since an epoch of ",
                        LossText(*course.lowest), ": ", too_large);
  }
  if (is_above(course.mean, *course.first, 1.2) ||
      is_above(course.now, *course.first, 1.05)) {
    return absl::StrCat("it has risen since ", since, ": ", too_large);
  }
  if (is_above(course.now, *course.first, 0.9)) {
    return absl::StrCat("it has hardly changed since ", since,
                        ": steps are too small; a learning_rate above ",
                        RateText(rate), ", such as ", RateText(10 * rate),
                        ", may help; lenslet find-rate shows one");
  }
  if (!is_above(course.end, course.begin, 0.97)) {
    return absl::StrCat(
        "it falls, from ", since, " to ", LossText(course.now),
        ", and began too high; more epochs, data.normalization or an "
        "initializer of smaller numbers may help");
  }
  return absl::StrCat("it fell, since ", since,
                      ", and falls no longer: ", too_large);
}

}  // namespace

TrainingWarning DataWarning(std::string text, bool is_note) {
  return {.id = absl::StrFormat("data_%08x", Crc32c(text)),
          .text = std::move(text),
          .is_note = is_note};
}

std::optional<TrainingWarning> WarnOfLimitedScores(const Graph& graph,
                                                   const LossKind& loss) {
  int last = graph.NodeOfValue(graph.output_value());
  std::vector<std::string> after;
  while (last >= 0 && KeepsNumbers(graph.nodes()[last].layer)) {
    const Graph::Node& node = graph.nodes()[last];
    after.insert(after.begin(), LayerText(node));
    last = graph.NodeOfValue(node.inputs[0]);
  }
  if (last < 0) return std::nullopt;
  const Graph::Node& node = graph.nodes()[last];
  const auto* activation = std::get_if<ActivationSpec>(&node.layer.spec());
  if (activation == nullptr) return std::nullopt;
  const std::string ends = absl::StrCat(
      "the model ends in ", LayerText(node), after.empty() ? "" : " (before ",
      absl::StrJoin(after, " and "), after.empty() ? "" : ")");
  if (activation->kind == ActivationKind::kSigmoid &&
      TakesSigmoidLogits(loss)) {
    return TrainingWarning{
        "limited_scores",
        absl::StrCat(ends,
                     ", and the loss applies a sigmoid too; leave the layer "
                     "out")};
  }
  const std::string why = WhyNotIn(RangeOf(*activation), loss);
  if (why.empty()) return std::nullopt;
  return TrainingWarning{"limited_scores",
                         absl::StrCat(ends, ", which limits its scores; ", why,
                                      "; leave the layer out")};
}

std::optional<TrainingWarning> WarnOfWarmup(const ScheduleSpec& schedule,
                                            int64_t total_steps,
                                            int64_t steps_per_epoch,
                                            WarmupUnit unit) {
  if (schedule.warmup_steps == 0 || schedule.warmup_steps < total_steps) {
    return std::nullopt;
  }
  const bool in_steps = unit == WarmupUnit::kSteps;
  const auto length = [&](int64_t steps) {
    return in_steps
               ? WithCommas(steps)
               : NumberText(static_cast<double>(steps) / steps_per_epoch, 2, 3);
  };
  return TrainingWarning{
      "long_warmup",
      absl::StrCat("the warm-up has ", length(schedule.warmup_steps),
                   in_steps ? " steps" : " epochs", ", and the run ",
                   length(total_steps), ": the learning rate never reaches ",
                   RateText(schedule.base_rate), "; a shorter ",
                   in_steps ? "schedule.in_steps.warmup_steps"
                            : "schedule.warmup_epochs",
                   " or a longer run helps")};
}

std::optional<TrainingWarning> WarnOfTwoBalances(bool loss_is_balanced,
                                                 bool is_sampled_by_class) {
  if (!loss_is_balanced || !is_sampled_by_class) return std::nullopt;
  return TrainingWarning{
      "two_balances",
      "loss.balanced weighs classes by how often the data has them, and "
      "sampling changes how often a run sees them: together, they make up for "
      "rare classes twice; leave one of them out"};
}

std::optional<TrainingWarning> NoteOfZeroWeights(
    absl::string_view field, absl::Span<const double> weights,
    absl::Span<const std::string> class_names) {
  std::vector<std::string> names;
  for (size_t c = 0; c < weights.size(); ++c) {
    if (weights[c] != 0) continue;
    names.push_back(c < class_names.size()
                        ? absl::StrCat("\"", Printable(class_names[c]), "\"")
                        : absl::StrCat(c));
  }
  if (names.empty()) return std::nullopt;
  constexpr size_t kMostShown = 10;
  const size_t others = names.size() - std::min(names.size(), kMostShown);
  const bool is_one = names.size() == 1;
  names.resize(names.size() - others);
  return TrainingWarning{
      absl::StrCat("zero_weight ", field),
      absl::StrCat(field, " is 0 for ", is_one ? "class " : "classes ",
                   absl::StrJoin(names, ", "),
                   others > 0 ? absl::StrCat(" and ", others, " more") : "",
                   ": the network does not learn from ",
                   is_one ? "its examples" : "their examples"),
      /*is_note=*/true};
}

std::optional<TrainingWarning> WarnOfRestart(const ScheduleSpec& before,
                                             const ScheduleSpec& now,
                                             int64_t finished_steps,
                                             int64_t total_steps) {
  const double last = LearningRate(before, finished_steps - 1);
  const double next = LearningRate(now, finished_steps);
  if (!(next > last)) return std::nullopt;
  return TrainingWarning{
      absl::StrCat("schedule_restarts_", total_steps),
      absl::StrCat(
          "the finished run is made longer, so its schedule has a "
          "longer course: the learning rate is ",
          RateText(next), " again, after ", RateText(last),
          "; schedule { extend: HOLD_LAST_RATE } keeps the last rate")};
}

std::optional<TrainingWarning> WarnOfBatchNorm(const Graph& graph,
                                               int64_t block,
                                               int64_t batch_size,
                                               int64_t examples) {
  if (SmallestBlock(block, batch_size, examples) > 1) return std::nullopt;
  for (const Graph::Node& node : graph.nodes()) {
    const auto* spec = std::get_if<BatchNormSpec>(&node.layer.spec());
    if (spec == nullptr) continue;
    const int64_t channels = node.output.dim(node.output.rank() - 1);
    if (node.output.elements() > channels) continue;
    return TrainingWarning{
        "single_values",
        absl::StrCat(
            "layer \"", node.name,
            "\" normalizes by the mean and variance of a block of ",
            ExamplesWord(graph.inputs()[0].shape), ", and ",
            block == 1 ? "each block" : "the last block of some batches",
            " has a single ", ExampleWord(graph.inputs()[0].shape),
            ", so one value per channel: its variance is 0, "
            "and the layer's output does not depend on its input; ",
            block == 1 ? "a block of at least 2, better of 16, helps"
                       : "a batch_size or a number of examples that leaves "
                         "another rest when divided by the block helps")};
  }
  return std::nullopt;
}

std::optional<double> LossOfGuessing(const LossSpec& loss, int64_t outputs) {
  if (!loss.class_weights.empty()) return std::nullopt;
  if (std::holds_alternative<CrossEntropySpec>(loss.kind)) {
    const double guessing = std::log(static_cast<double>(outputs));
    // Nearer, a network that has learned is as far above as one that has not.
    constexpr double kMostOfGuessing = 0.8;
    if (LeastLoss(loss, outputs) > kMostOfGuessing * guessing) {
      return std::nullopt;
    }
    return guessing;
  }
  const auto* sigmoid = std::get_if<SigmoidCrossEntropySpec>(&loss.kind);
  if (sigmoid != nullptr && sigmoid->positive_weights.empty()) {
    return std::log(2.0);
  }
  return std::nullopt;
}

double LeastLoss(const LossSpec& loss, int64_t outputs) {
  const auto* spec = std::get_if<CrossEntropySpec>(&loss.kind);
  if (spec == nullptr || spec->label_smoothing == 0 || outputs < 2) return 0;
  const double others = spec->label_smoothing / static_cast<double>(outputs);
  const double label = 1 - spec->label_smoothing + others;
  return -label * std::log(label) -
         static_cast<double>(outputs - 1) * others * std::log(others);
}

std::optional<TrainingWarning> WarnOfGuessing(const LossSpec& loss,
                                              int64_t outputs, int64_t epoch,
                                              const LossCourse& course,
                                              double rate) {
  const std::optional<double> guessing = LossOfGuessing(loss, outputs);
  const double most = epoch == 1 ? 1.2 : 1.02;
  if (!guessing.has_value() || !(course.mean > *guessing * most)) {
    return std::nullopt;
  }
  return TrainingWarning{
      "worse_than_guessing",
      absl::StrCat(
          "the training loss of epoch ", epoch, " is ", LossText(course.mean),
          ", above ", LossText(*guessing), ", that of guessing: ",
          GuessingRemedy(course, *guessing, LeastLoss(loss, outputs), rate))};
}

std::optional<TrainingWarning> WarnOfNoValidation(double fraction,
                                                  int64_t validation_examples) {
  if (fraction == 0 || validation_examples > 0) return std::nullopt;
  return TrainingWarning{
      "no_validation",
      absl::StrCat("data.validation_fraction is ", fraction,
                   ", which sets no example aside; without validation "
                   "examples, the training loss chooses best.ckpt; a larger "
                   "fraction helps")};
}

std::optional<TrainingWarning> WarnOfOtherClasses(
    absl::string_view start, absl::Span<const std::string> start_names,
    absl::Span<const std::string> class_names) {
  if (start_names.size() != class_names.size() ||
      OnlyOneHasNames(start_names, class_names)) {
    return std::nullopt;
  }
  const auto [there, here] = std::mismatch(
      start_names.begin(), start_names.end(), class_names.begin());
  if (there == start_names.end()) return std::nullopt;
  return TrainingWarning{
      "other_classes",
      absl::StrCat("the last layer is taken from ", Printable(start),
                   ", which was trained for other classes: class ",
                   there - start_names.begin(), " is \"", Printable(*there),
                   "\" there and \"", Printable(*here),
                   "\" here; another name of the layer starts it anew")};
}

std::optional<TrainingWarning> WarnOfTestMetric(absl::string_view field,
                                                const NamedMetric& metric) {
  if (metric.split != MetricSplit::kTest) return std::nullopt;
  return TrainingWarning{
      absl::StrCat("chosen_by_test ", field),
      absl::StrCat(field, " is test_", metric.quantity->name,
                   ": the test examples take part in the choice, so what "
                   "is measured on them is optimistic; "
                   "data.validation_fraction sets others aside")};
}

std::string WhyUndefined(MetricSplit split, const Quantity& quantity,
                         int64_t examples) {
  const absl::string_view name = SplitName(split);
  const std::string which =
      examples == 1
          ? absl::StrCat("the only ", name, " example")
          : absl::StrCat("the ", WithCommas(examples), " ", name, " examples");
  return absl::StrCat(quantity.undefined_if, " of ", which, "; more or other ",
                      name, " examples, or another metric, such as ", name,
                      "_loss, help");
}

std::optional<TrainingWarning> NoteOfLargeBatch(int64_t batch_size,
                                                int64_t update_size,
                                                int64_t examples) {
  if (update_size <= examples) return std::nullopt;
  return TrainingWarning{
      "large_batch",
      absl::StrCat(update_size == batch_size
                       ? "batch_size is "
                       : "batch_size times accumulate_batches is ",
                   WithCommas(update_size), ", and the training examples are ",
                   WithCommas(examples),
                   ": an epoch is a single step; a smaller batch_size makes "
                   "more steps"),
      /*is_note=*/true};
}

std::optional<TrainingWarning> WarnOfOneAnswer(
    const Health& before, const Health& health,
    const std::vector<std::string>& class_names, int64_t epoch, bool is_last,
    double rate) {
  if (!health.only_answer.has_value()) return std::nullopt;
  const size_t answer = *health.only_answer;
  const std::string name = answer < class_names.size()
                               ? Printable(class_names[answer])
                               : absl::StrCat(answer);
  const std::string fact = absl::StrCat(
      "the answer to each of ", health.examples, " training examples of ",
      health.classes, " classes is the same, \"", name,
      "\": the network does not tell classes apart");
  const std::string remedy =
      absl::StrCat("another learning rate than ", RateText(rate),
                   ", data.normalization or another initializer may help");
  if (before.only_answer.has_value()) {
    return TrainingWarning{
        "one_answer", absl::StrCat("after epochs ", epoch - 1, " and ", epoch,
                                   ", ", fact, "; ", remedy)};
  }
  if (is_last) {
    return TrainingWarning{
        "one_answer", absl::StrCat("after epoch ", epoch, ", the last one, ",
                                   fact, "; more epochs, ", remedy)};
  }
  return TrainingWarning{
      "one_answer_yet",
      absl::StrCat("after epoch ", epoch, ", ", fact,
                   " yet; if the next epoch ends so, too, ", remedy),
      /*is_note=*/true};
}

std::optional<TrainingWarning> WarnOfDeadUnits(const Health& health,
                                               int64_t epoch, double rate) {
  if (health.dead_layers.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const std::string& name : health.dead_layers) {
    names.push_back(absl::StrCat("\"", name, "\""));
  }
  return TrainingWarning{
      "dead_units",
      absl::StrCat(
          "after epoch ", epoch, ", all units of layer ",
          absl::StrJoin(names, " and "), " are 0 for each of ", health.examples,
          " training examples: no gradient passes, and what is before "
          "no longer learns; a learning rate below ",
          RateText(rate),
          ", initializer { kind: KAIMING_NORMAL } or leaky_relu layers "
          "may help")};
}

}  // namespace lenslet
