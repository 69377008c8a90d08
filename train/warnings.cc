#include "lenslet/train/warnings.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"
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

// What to do about a loss above that of guessing.
std::string GuessingRemedy(const LossCourse& course, double rate) {
  const std::string too_large = absl::StrCat(
      "steps are too large; a learning rate below ", RateText(rate),
      ", such as ", RateText(rate / 10), ", a warm-up or clip_norm may help");
  // Of runs that earlier versions began.
  if (!course.first.has_value()) {
    return absl::StrCat("another learning rate than ", RateText(rate),
                        " may help; lenslet find-rate shows one");
  }
  const std::string since =
      absl::StrCat(LossText(*course.first), " before the first step");
  if (course.lowest.has_value() && course.mean > 1.05 * *course.lowest) {
    return absl::StrCat("it has risen since an epoch of ",
                        LossText(*course.lowest), ": ", too_large);
  }
  if (course.now > 1.05 * *course.first) {
    return absl::StrCat("it has risen since ", since, ": ", too_large);
  }
  if (course.now > 0.9 * *course.first) {
    return absl::StrCat("it has hardly changed since ", since,
                        ": steps are too small; a learning rate above ",
                        RateText(rate), ", such as ", RateText(10 * rate),
                        ", may help; lenslet find-rate shows one");
  }
  if (course.end < 0.97 * course.begin) {
    return absl::StrCat(
        "it falls, since ", since,
        ", and began too high; more epochs, data.normalization or an "
        "initializer of smaller numbers may help");
  }
  return absl::StrCat("it fell, since ", since,
                      ", and falls no longer: ", too_large);
}

}  // namespace

std::optional<TrainingWarning> WarnOfLimitedScores(const Graph::Node& last,
                                                   const LossKind& loss) {
  const auto* activation = std::get_if<ActivationSpec>(&last.layer.spec());
  if (activation == nullptr || !TakesLogits(loss)) return std::nullopt;
  const std::string layer =
      absl::StrCat(last.layer.type(), " \"", last.name, "\"");
  if (activation->kind == ActivationKind::kSigmoid &&
      TakesSigmoidLogits(loss)) {
    return TrainingWarning{
        "limited_scores",
        absl::StrCat("the model ends in ", layer, ", and the loss applies a ",
                     "sigmoid too; leave the layer out")};
  }
  if (IsNonNegative(*activation) || activation->kind == ActivationKind::kTanh) {
    return TrainingWarning{
        "limited_scores",
        absl::StrCat("the model ends in ", layer, ", which limits its scores; ",
                     absl::StrReplaceAll(Name(loss), {{"_", "-"}}),
                     " expects scores of any value and turns them into "
                     "probabilities; leave the layer out")};
  }
  return std::nullopt;
}

std::optional<TrainingWarning> WarnOfWarmup(const ScheduleSpec& schedule,
                                            int64_t total_steps,
                                            int64_t steps_per_epoch) {
  if (schedule.warmup_steps == 0 || schedule.warmup_steps < total_steps) {
    return std::nullopt;
  }
  const auto epochs = [&](int64_t steps) {
    return NumberText(static_cast<double>(steps) / steps_per_epoch, 2, 3);
  };
  return TrainingWarning{
      "long_warmup",
      absl::StrCat("the warm-up has ", epochs(schedule.warmup_steps),
                   " epochs, and the run ", epochs(total_steps),
                   ": the learning rate never reaches ",
                   RateText(schedule.base_rate),
                   "; a shorter schedule.warmup_epochs or more epochs help")};
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
    return std::log(static_cast<double>(outputs));
  }
  const auto* sigmoid = std::get_if<SigmoidCrossEntropySpec>(&loss.kind);
  if (sigmoid != nullptr && sigmoid->positive_weights.empty()) {
    return std::log(2.0);
  }
  return std::nullopt;
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
      absl::StrCat("the training loss of epoch ", epoch, " is ",
                   LossText(course.mean), ", above ", LossText(*guessing),
                   ", that of guessing: ", GuessingRemedy(course, rate))};
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
