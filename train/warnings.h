// What a training is warned of: mistakes that are no errors, each with a
// remedy; and what may become one. The functions return nullopt if there is
// nothing to say.
// docs/training.md, "When it does not learn", explains them.

#ifndef LENSLET_TRAIN_WARNINGS_H_
#define LENSLET_TRAIN_WARNINGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/graph.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/health_check.h"
#include "lenslet/train/quantity.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

struct TrainingWarning {
  std::string id;        // A run gives a warning once: "one_answer".
  std::string text;      // A line for people, without a period.
  bool is_note = false;  // Whether it may well be no mistake.
};

// What is to be said of the data. The id is made of the text, so that a resumed
// run says what is new.
TrainingWarning DataWarning(std::string text, bool is_note = false);

// A rectifier, a sigmoid or another activation that limits the scores, before a
// loss that expects others: one that turns scores of any value into
// probabilities; a hinge loss, whose margin they cannot keep, or that passes no
// gradient to scores of 0; squared errors of classes, whose targets of 0 and 1
// they do not reach. Layers that only arrange or drop numbers may follow the
// activation.
std::optional<TrainingWarning> WarnOfLimitedScores(const Graph& graph,
                                                   const LossKind& loss);

// The unit in which a recipe states the warm-up.
enum class WarmupUnit : uint8_t { kEpochs, kSteps };

// A warm-up that the run does not reach the end of.
std::optional<TrainingWarning> WarnOfWarmup(const ScheduleSpec& schedule,
                                            int64_t total_steps,
                                            int64_t steps_per_epoch,
                                            WarmupUnit unit);

// Rare classes that count more for two reasons: `loss_is_balanced`, by the
// counts of the data, and other counts in training.
std::optional<TrainingWarning> WarnOfTwoBalances(bool loss_is_balanced,
                                                 bool is_sampled_by_class);

// A class that a weight of 0 in the recipe's `field` leaves out. Without its
// name, it is named by its number.
std::optional<TrainingWarning> NoteOfZeroWeights(
    absl::string_view field, absl::Span<const double> weights,
    absl::Span<const std::string> class_names);

// A finished run of `finished_steps` steps that is made longer, by a schedule
// whose course ends with the run: its rate is higher again.
std::optional<TrainingWarning> WarnOfRestart(const ScheduleSpec& before,
                                             const ScheduleSpec& now,
                                             int64_t finished_steps,
                                             int64_t total_steps);

// Batch normalization of blocks with a single value per channel, whose variance
// is 0. Blocks have up to `block` images of a batch; the last batch of an epoch
// has the rest of the `examples`.
std::optional<TrainingWarning> WarnOfBatchNorm(const Graph& graph,
                                               int64_t block,
                                               int64_t batch_size,
                                               int64_t examples);

// The loss of a network that answers every example alike, with equal
// probabilities: log(classes) for cross-entropy, log(2) for sigmoid
// cross-entropy. Nullopt for other losses and with weights; and with so much
// label smoothing that the loss of the best network is not far below: then it
// says nothing of networks. `outputs` is the last dimension of the output.
std::optional<double> LossOfGuessing(const LossSpec& loss, int64_t outputs);

// The least that the loss can be: 0, but with label smoothing the entropy of
// the smoothed target.
double LeastLoss(const LossSpec& loss, int64_t outputs);

// The training losses of a run so far.
struct LossCourse {
  // Of the same few training examples, before the first step and now. A batch
  // alone would tell little.
  std::optional<double> first = std::nullopt;
  double now = 0;
  // The lowest mean of an epoch before this one.
  std::optional<double> lowest = std::nullopt;
  // Of this epoch: over its first steps, its last ones, and all.
  double begin = 0;
  double end = 0;
  double mean = 0;
};

// A training loss that is above that of guessing: by 2%, or by 20% in the first
// epoch, whose mean includes the start. `epoch` counts from 1, and `rate` is
// the epoch's largest. The course tells steps that are too large from those
// that are too small, each loss less LeastLoss():
//
//   mean > 1.05 lowest      it has risen: a smaller rate
//   mean > 1.2 first        likewise. Dropout and augmentation, which `first`
//                           is without, make less of a difference
//   now > 1.05 first        likewise
//   now > 0.9 first         it has hardly changed: a larger rate
//   end < 0.97 begin        it falls, from a start that is too high: more
//                           epochs, or a better start
//   otherwise               it fell at once, and falls no longer: a smaller
//                           rate
std::optional<TrainingWarning> WarnOfGuessing(const LossSpec& loss,
                                              int64_t outputs, int64_t epoch,
                                              const LossCourse& course,
                                              double rate);

// A fraction of the training examples to set aside for validation that is none
// of them: of each class, less than one.
std::optional<TrainingWarning> WarnOfNoValidation(double fraction,
                                                  int64_t validation_examples);

// Parameters of the last layer that were trained for other classes.
std::optional<TrainingWarning> WarnOfOtherClasses(
    absl::string_view start, absl::Span<const std::string> start_names,
    absl::Span<const std::string> class_names);

// A metric that chooses checkpoints or ends a run, by the recipe's `field`, and
// is of the test examples.
std::optional<TrainingWarning> WarnOfTestMetric(absl::string_view field,
                                                const NamedMetric& metric);

// Why a quantity is undefined for `examples` examples of a split, and what to
// do: "each label applies to all or to none of the 3 validation examples; ...".
std::string WhyUndefined(MetricSplit split, const Quantity& quantity,
                         int64_t examples);

// A step that would take more examples than there are: `update_size`, of one
// batch or several.
std::optional<TrainingWarning> NoteOfLargeBatch(int64_t batch_size,
                                                int64_t update_size,
                                                int64_t examples);

// The same answer to examples of several classes after this epoch. A note, if
// the answers still differed after the epoch before, or this is the first one:
// networks of sigmoids, such as the book's LeNet, learn to tell classes apart
// in their second epoch. A warning after another such epoch, and after the
// run's last one.
std::optional<TrainingWarning> WarnOfOneAnswer(
    const Health& before, const Health& health,
    const std::vector<std::string>& class_names, int64_t epoch, bool is_last,
    double rate);

// Layers whose units are all dead.
std::optional<TrainingWarning> WarnOfDeadUnits(const Health& health,
                                               int64_t epoch, double rate);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_WARNINGS_H_
