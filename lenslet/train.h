// Trains and evaluates a network in memory.

#ifndef LENSLET_TRAIN_H_
#define LENSLET_TRAIN_H_

#include <cstdint>
#include <functional>
#include <ostream>

#include "absl/status/statusor.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/network.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

// The state of a training after one of its epochs.
struct EpochResult {
  int64_t epoch = 0;  // From 1.
  int64_t epochs = 0;
  Metrics train = {};  // Of the training examples, while training.
  // Since the start of Train(), without on_epoch.
  double seconds = 0;
  const Network* network = nullptr;  // With its current parameters.
};

struct TrainOptions {
  int64_t epochs = 10;  // At least 1.
  int64_t batch_size = 256;
  double learning_rate = 0.1;
  OptimizerSpec optimizer = {};  // Plain gradient descent.
  // How the learning rate changes. Its base_rate must be 0; set learning_rate
  // instead.
  ScheduleSpec schedule = {};
  LossSpec loss = {};  // Cross-entropy.
  AugmentationSpec augmentation = {};
  // Determines the order of the examples, augmentation and dropout.
  uint64_t seed = 0;
  int threads = 0;  // 0: as many as the CPU has. Does not change the result.
  // Called after each epoch, in the thread that called Train(). Must not change
  // or assign the network.
  std::function<void(const EpochResult&)> on_epoch = {};
};

// Trains the network from its current parameters, and gives it the data's class
// names and normalization. Returns the metrics of the last epoch. Each call
// starts a new optimizer, schedule and order of the examples: to train longer,
// ask for more epochs. TrainerOptions (train/trainer.h) documents the options
// in detail. Errors: as
// Trainer::Create() and Trainer::TrainEpoch(); InvalidArgument for other
// options out of their range. After an error, the network has the parameters of
// the last successful step.
absl::StatusOr<Metrics> Train(Network& network, const Dataset& data,
                              const TrainOptions& options = {});

struct EvaluateOptions {
  int threads = 0;  // As in TrainOptions.
  ClassificationReportOptions report = {};
};

// Measures the network on a data set, whose class names and normalization must
// be the network's. Errors: as Evaluator::Probabilities() and
// MakeClassificationReport(); InvalidArgument for other classes or another
// normalization.
absl::StatusOr<ClassificationReport> Evaluate(
    const Network& network, const Dataset& data,
    const EvaluateOptions& options = {});

// For TrainOptions::on_epoch: prints a line after each epoch, with loss and
// accuracy of training and the accuracy on `test`. `out` and `test` must
// outlive the returned function.
std::function<void(const EpochResult&)> PrintTo(std::ostream& out,
                                                const Dataset& test);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_H_
