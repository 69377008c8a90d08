// Trains and evaluates a network: in memory, or as a run that is kept in a
// folder and can be resumed.
//
//   Train(net, data.train,
//         {.epochs = 20,
//          .test = &data.test,
//          .run_dir = "runs/digits",
//          .on_epoch = PrintTo(std::cout)})
//
// A program that stops early, however it stops, is simply started again. The
// same call then resumes the run.

#ifndef LENSLET_TRAIN_H_
#define LENSLET_TRAIN_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/network.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/runs/metrics_record.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

// The state of a training after one of its epochs.
struct EpochResult {
  int64_t epoch = 0;  // From 1.
  int64_t epochs = 0;
  Metrics train = {};  // Of the training examples, while training.
  // The same and, of data sets in the options, the metrics after the epoch.
  MetricsRecord record = {};
  // Training time so far, of all sessions of a run.
  double seconds = 0;
  // Whether the folder's run was finished before the call, which trains
  // nothing. This is then its last epoch.
  bool trained_before = false;
  const Network* network = nullptr;  // With its current parameters.
};

struct TrainOptions {
  int64_t epochs = 10;           // At least 1.
  int64_t batch_size = 256;      // In [1, 1000000].
  double learning_rate = 0.1;    // Positive.
  OptimizerSpec optimizer = {};  // Plain gradient descent.
  // How the learning rate changes. The default is a constant rate; the highest
  // rate is learning_rate. For example, a cosine to 0 at the end, after a
  // warm-up:
  //   .schedule = {.kind = ScheduleKind::kCosine, .warmup_epochs = 1}
  EpochSchedule schedule = {};
  // The same with times in steps, in place of `schedule`. Its base_rate must be
  // 0; set learning_rate instead.
  ScheduleSpec schedule_in_steps = {};
  // Default: DefaultLoss() (ops/loss/loss_spec.h) of the data's targets:
  // cross-entropy of classes, sigmoid cross-entropy of labels, mean squared
  // error of values.
  LossSpec loss = {};
  // The largest norm of the gradient, at least 0; larger ones are scaled down.
  // 0: no clipping.
  double clip_norm = 0;
  // In [0, 1). If it is not 0, averages of the parameters over the steps, with
  // this factor of the past, are measured and saved, and are what the network
  // ends with.
  double average_decay = 0;
  // Whether optimizer.weight_decay also applies to biases and to the scales of
  // normalization.
  bool decay_all = true;
  // Images that the network processes together, at least 1. The statistics of
  // BatchNorm() are those of a block; `block = batch_size` makes them those of
  // the batch.
  int64_t block = 16;
  AugmentationSpec augmentation = {};
  // Determines the order of the examples, augmentation and dropout.
  uint64_t seed = 0;
  int threads = 0;  // 0: as many as the CPU has. Does not change the result.

  // What judges epochs, for best.ckpt and early stopping: a metric's name
  // (train/quantity.h), such as "accuracy", of the validation examples or,
  // without those, of the training examples. Default: the loss.
  std::string best_by = {};
  // If positive, the training ends after this many epochs in a row without an
  // improvement of more than early_stopping_min_change
  // (train/early_stopping.h). The last record then is `stopped_early`.
  int64_t early_stopping_patience = 0;
  double early_stopping_min_change = 0;  // At least 0.

  // Measured after each epoch; null: none. They need the shape, class names and
  // normalization of the training examples, and must outlive the call.
  const Dataset* validation = nullptr;
  const Dataset* test = nullptr;

  // The folder of the run; see Train(). "": none, nothing is saved.
  std::string run_dir = {};
  // What reports and comparisons call the data.
  std::string data_name = "data in memory";
  // Steps between checkpoints, in addition to one after each epoch. 0: only
  // after each epoch.
  int64_t save_every_steps = 0;
  // The checkpoints to keep besides the best one, at least 1.
  int64_t keep_checkpoints = 3;

  // Called after each epoch, in the thread that called Train(); once if the run
  // in the folder was finished before. Must not change or assign the network.
  std::function<void(const EpochResult&)> on_epoch = {};
  // Called, in the same thread, for each warning: about the folder, such as a
  // damaged checkpoint that the run does without, and about the training
  // (train/warnings.h), each once.
  std::function<void(const std::string& warning)> on_warning = {};
  // Called after each step, in the same thread. If it returns true, Train()
  // saves everything and returns Cancelled. A program that calls
  // CatchStopSignals() (base/stop_signal.h) in main() stops at Ctrl-C by
  //   .stop_requested = [] { return StopSignal() != 0; }
  std::function<bool()> stop_requested = {};
};

// Trains the network from its current parameters, and gives it the data's class
// names and normalization. Returns the metrics of the last epoch. Each call
// starts a new optimizer, schedule and order of the examples: to train longer,
// ask for more epochs. TrainerOptions (train/trainer.h) documents the options
// in detail.
//
// With `run_dir`, the folder becomes that of a run: recipe, checkpoints,
// metrics (train/runs/run_directory.h). It is created if necessary. Everything
// that reads a run's folder reads it: tools, Network::Load(), WriteReport()
// (lenslet/report.h). best.ckpt is the checkpoint of the best epoch so far, by
// `best_by`; the network itself ends with the last parameters.
//
// If the folder already has a run, the call resumes it from its newest
// checkpoint. On CPUs with AVX2, AVX-512 or NEON, the result is bit-identical
// to that of an uninterrupted call. A process that is killed loses at most the
// current epoch, or `save_every_steps` steps. A finished run returns the
// metrics in its folder at once, without examples if the folder lost them.
// `epochs`, early stopping, `threads` and what is saved and called may differ
// from before; more epochs extend a run, and more patience one that stopped. A
// `schedule` that ends with the training, such as cosine, then has its longer
// course from the resumed step on. All else must be the same: the layers, the
// other options, the data sets byte by byte. The network must have the
// parameters that the run started with, or those of its newest checkpoint.
//
// Errors: as Trainer::Create() and Trainer::TrainEpoch(), which fail when the
// loss is no longer finite. A loss that only grows is no error: look at the
// metrics.
//
// Other errors: InvalidArgument for other options out of their range, and for
// data sets that do not fit; Cancelled if stop_requested() returned true. With
// `run_dir`, also as Network::Model() and RunDirectory::Open(), and those of
// writing files; FailedPrecondition if the folder has a different run, with
// what differs. After an error, the network has the parameters of the last
// successful step, without averages.
absl::StatusOr<Metrics> Train(Network& network, const Dataset& data,
                              const TrainOptions& options = {});

// Measures the network on a data set: the loss (cross-entropy of classes,
// sigmoid cross-entropy of labels, mean squared error of values) and what the
// kind of targets has: accuracy, F1 and exact match, or errors
// (train/metrics.h). Errors: InvalidArgument for examples of another shape,
// other targets or names (naming the first) or another normalization than the
// network's; those of reading the data; ResourceExhausted.
absl::StatusOr<Metrics> Measure(const Network& network, const Dataset& data,
                                int threads = 0);

struct EvaluateOptions {
  int threads = 0;  // As in TrainOptions.
  ClassificationReportOptions report = {};
};

// Reports how well the network classifies a data set. Errors: as Measure() and
// MakeClassificationReport().
absl::StatusOr<ClassificationReport> Evaluate(
    const Network& network, const Dataset& data,
    const EvaluateOptions& options = {});

// For TrainOptions::on_epoch: prints a line after each epoch, with the metrics
// of training and of the data sets in the options. `out` must outlive the
// returned function.
std::function<void(const EpochResult&)> PrintTo(std::ostream& out);

// The same with Measure() of `test`, for options without data sets. `test`
// must outlive the returned function, too.
std::function<void(const EpochResult&)> PrintTo(std::ostream& out,
                                                const Dataset& test);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_H_
