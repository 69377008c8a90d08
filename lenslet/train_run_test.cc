// Train() with a folder.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <numbers>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/network.h"
#include "lenslet/short_layers.h"
#include "lenslet/train.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Dataset DataOfRun(int64_t examples = 90, uint64_t seed = 1) {
  Dataset data = *MakeSyntheticDataset(
      {8, 8, 1},
      {.examples = examples, .classes = 3, .noise = 0.7, .seed = seed});
  data.normalization = {.mean = {0.5f}, .deviation = {0.25f}};
  return data;
}

Network NetworkOfRun(int64_t channels = 4, uint64_t seed = 0) {
  Network network = *Network::Sequential(
      {8, 8, 1},
      {Conv2d(channels, 3), BatchNorm(), Relu(), Flatten(), Linear(3)});
  network.Initialize({}, seed);
  return network;
}

std::vector<float> Numbers(const Network& network) {
  const absl::Span<const float> array = network.parameters().array();
  return {array.begin(), array.end()};
}

class TrainRunTest : public ::testing::Test {
 protected:
  // 5 steps an epoch.
  TrainOptions Options(int64_t epochs = 3) const {
    return {.epochs = epochs,
            .batch_size = 20,
            .learning_rate = 0.02,
            .optimizer = {.kind = OptimizerKind::kAdam},
            .augmentation = {.flip = true},
            .seed = 5,
            .validation = &validation_,
            .test = &test_,
            .run_dir = folder_ + "/run",
            .data_name = "digits"};
  }

  void ExpectRefused(const TrainOptions& options, Network network,
                     const Dataset& data, const std::string& message) const {
    EXPECT_THAT(Train(network, data, options),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(options.run_dir), HasSubstr(message))))
        << message;
  }

  const std::string folder_ = EmptyTempFolder("train_run_test");
  const Dataset data_ = DataOfRun();
  const Dataset validation_ = DataOfRun(30, 2);
  const Dataset test_ = DataOfRun(40, 3);
};

// No loss is lower by 100 than another.
TEST_F(TrainRunTest, StopsEarlyAndStaysStopped) {
  std::vector<EpochResult> results;
  TrainOptions options = Options(9);
  options.best_by = "accuracy";
  options.early_stopping_patience = 2;
  options.early_stopping_min_change = 100;
  options.on_epoch = [&](const EpochResult& result) {
    results.push_back(result);
  };
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_TRUE(results[2].record.stopped_early);
  Network again = NetworkOfRun();
  ASSERT_THAT(Train(again, data_, options), IsOk());
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_TRUE(results[3].trained_before);
  EXPECT_EQ(results[3].epoch, 3);
  EXPECT_EQ(Numbers(again), Numbers(network));
  options.early_stopping_patience = 3;
  ASSERT_THAT(Train(again, data_, options), IsOk());
  EXPECT_THAT(results, SizeIs(5));
  options.best_by = "acuracy";
  EXPECT_THAT(Train(again, data_, options),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("save.best_by is \"acuracy\"")));
}

TEST_F(TrainRunTest, KeepsTheRunInItsFolder) {
  Network network = NetworkOfRun();
  std::vector<EpochResult> results;
  TrainOptions options = Options();
  options.on_epoch = [&](const EpochResult& result) {
    EXPECT_EQ(result.network, &network);
    results.push_back(result);
  };
  ASSERT_THAT(Train(network, data_, options), IsOk());
  for (const char* name :
       {"recipe.textproto", "model.textproto", "start.ckpt", "latest.ckpt",
        "best.ckpt", "step-000000015.ckpt", "metrics.jsonl", "metrics.csv"}) {
    EXPECT_TRUE(std::filesystem::exists(options.run_dir + "/" + name)) << name;
  }
  EXPECT_THAT(*ReadFile(options.run_dir + "/recipe.textproto"),
              AllOf(HasSubstr("in_memory"), HasSubstr("name: \"digits\""),
                    HasSubstr("train_examples: 90"), HasSubstr("kind: ADAM"),
                    HasSubstr("start_from: \"start.ckpt\"")));

  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[2].epoch, 3);
  EXPECT_EQ(results[2].epochs, 3);
  EXPECT_EQ(results[2].train.examples, 90);
  EXPECT_EQ(results[2].record.train_loss, results[2].train.loss());
  const absl::StatusOr<ClassificationReport> test = Evaluate(network, test_);
  ASSERT_THAT(test, IsOk());
  EXPECT_EQ(results[2].record.test_accuracy, test->accuracy);
  const absl::StatusOr<ClassificationReport> validation =
      Evaluate(network, validation_);
  ASSERT_THAT(validation, IsOk());
  EXPECT_EQ(results[2].record.validation_accuracy, validation->accuracy);

  const absl::StatusOr<Network> loaded = Network::Load(options.run_dir);
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(Numbers(*loaded), ElementsAreArray(Numbers(network)));
  EXPECT_EQ(loaded->normalization().mean, data_.normalization.mean);
  EXPECT_EQ(loaded->class_names(), data_.target_names);
}

TEST_F(TrainRunTest, TheFolderDoesNotChangeTheResult) {
  // A decay that has other bits if converted to epochs.
  const std::vector<ScheduleSpec> schedules = {
      {},
      {.kind = ScheduleKind::kInverse, .decay = 0.1 / 3},
      {.kind = ScheduleKind::kOneCycle,
       .length = 11,
       .peak_rate = 0.07,
       .peak_step = 4}};
  for (size_t i = 0; i < schedules.size(); ++i) {
    TrainOptions options = Options();
    options.schedule_in_steps = schedules[i];
    options.loss.class_weights = {0.1f, 1, 2};
    options.run_dir = folder_ + "/run" + std::to_string(i);
    Network in_folder = NetworkOfRun();
    const absl::StatusOr<Metrics> kept = Train(in_folder, data_, options);
    ASSERT_THAT(kept, IsOk());
    options.run_dir = "";
    Network in_memory = NetworkOfRun();
    const absl::StatusOr<Metrics> metrics = Train(in_memory, data_, options);
    ASSERT_THAT(metrics, IsOk());
    EXPECT_THAT(Numbers(in_memory), ElementsAreArray(Numbers(in_folder)));
    EXPECT_EQ(metrics->loss_sum, kept->loss_sum);
  }
}

TEST_F(TrainRunTest, AStoppedRunResumesToTheSameBits) {
  TrainOptions options = Options();
  Network whole = NetworkOfRun();
  const absl::StatusOr<Metrics> of_whole = Train(whole, data_, options);
  ASSERT_THAT(of_whole, IsOk());

  options.run_dir = folder_ + "/stopped";
  int64_t steps = 0;
  options.stop_requested = [&] { return ++steps == 7; };
  Network stopped = NetworkOfRun();
  EXPECT_THAT(Train(stopped, data_, options),
              StatusIs(absl::StatusCode::kCancelled,
                       AllOf(HasSubstr("stopped after 7 of 15 steps; saved in"),
                             HasSubstr("/stopped"))));
  Network again = NetworkOfRun();
  std::vector<int64_t> epochs;
  options.on_epoch = [&](const EpochResult& result) {
    epochs.push_back(result.epoch);
  };
  const absl::StatusOr<Metrics> metrics = Train(again, data_, options);
  ASSERT_THAT(metrics, IsOk());
  EXPECT_THAT(epochs, ElementsAre(2, 3));
  EXPECT_THAT(Numbers(again), ElementsAreArray(Numbers(whole)));
  EXPECT_EQ(metrics->examples, 90);
  EXPECT_EQ(metrics->loss_sum, of_whole->loss_sum);
  EXPECT_EQ(*ReadFile(folder_ + "/stopped/latest.ckpt"),
            *ReadFile(folder_ + "/run/latest.ckpt"));
}

TEST_F(TrainRunTest, StopsWithoutAFolderToo) {
  TrainOptions options = Options();
  options.run_dir = "";
  options.stop_requested = [] { return true; };
  Network network = NetworkOfRun();
  EXPECT_THAT(
      Train(network, data_, options),
      StatusIs(absl::StatusCode::kCancelled, "stopped after 1 of 15 steps"));
}

TEST_F(TrainRunTest, AFinishedRunIsReadAndCanBeExtended) {
  TrainOptions options = Options();
  Network first = NetworkOfRun();
  const absl::StatusOr<Metrics> metrics = Train(first, data_, options);
  ASSERT_THAT(metrics, IsOk());

  const auto files = [&] {
    return std::distance(std::filesystem::directory_iterator(options.run_dir),
                         std::filesystem::directory_iterator());
  };
  const auto files_before = files();
  Network second = NetworkOfRun();
  std::ostringstream out;
  options.on_epoch = PrintTo(out);
  const absl::StatusOr<Metrics> same = Train(second, data_, options);
  ASSERT_THAT(same, IsOk());
  EXPECT_THAT(Numbers(second), ElementsAreArray(Numbers(first)));
  EXPECT_EQ(same->examples, metrics->examples);
  EXPECT_EQ(same->correct, metrics->correct);
  EXPECT_DOUBLE_EQ(same->loss(), metrics->loss());
  EXPECT_THAT(out.str(), testing::StartsWith("the run was finished before:\n"
                                             "epoch 3/3  loss "));
  EXPECT_EQ(files(), files_before);

  // The network may also be the trained one.
  options.epochs = 5;
  options.on_epoch = {};
  ASSERT_THAT(Train(second, data_, options), IsOk());
  Network whole = NetworkOfRun();
  options.run_dir = folder_ + "/whole";
  ASSERT_THAT(Train(whole, data_, options), IsOk());
  EXPECT_THAT(Numbers(second), ElementsAreArray(Numbers(whole)));
}

// The number of steps of the first call is not that of the second.
TEST_F(TrainRunTest, ARunWithADecayingRateCanBeExtended) {
  TrainOptions options = Options(2);
  options.schedule = {.kind = ScheduleKind::kCosine,
                      .warmup_epochs = 1,
                      .warmup_start_rate = 0.004,
                      .end_rate = 0.002};
  std::vector<double> rates;
  options.on_epoch = [&](const EpochResult& result) {
    rates.push_back(result.record.learning_rate);
  };
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  options.epochs = 4;
  ASSERT_THAT(Train(network, data_, options), IsOk());
  ASSERT_THAT(rates, SizeIs(4));
  // Of the last of 5 steps of each epoch: 4 / 5 of the warm-up; 4 / 5 of a
  // cosine of 5 steps; then 9 / 15 and 14 / 15 of one of 15 steps.
  EXPECT_NEAR(rates[0], 0.004 + 0.016 * 0.8, 1e-12);
  const auto cosine = [](double fraction) {
    return 0.002 + 0.018 * (1 + std::cos(std::numbers::pi * fraction)) / 2;
  };
  EXPECT_NEAR(rates[1], cosine(4.0 / 5), 1e-12);
  EXPECT_NEAR(rates[2], cosine(9.0 / 15), 1e-12);
  EXPECT_NEAR(rates[3], cosine(14.0 / 15), 1e-12);
}

// What is measured is also what is saved, predicts, and resumes.
TEST_F(TrainRunTest, EndsWithTheAveragesOfParameters) {
  TrainOptions options = Options(2);
  options.average_decay = 0.9;
  options.on_epoch = [&](const EpochResult& result) {
    const absl::StatusOr<ClassificationReport> report =
        Evaluate(*result.network, test_);
    ASSERT_THAT(report, IsOk());
    EXPECT_EQ(result.record.test_accuracy, report->accuracy);
  };
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  const absl::StatusOr<Network> loaded = Network::Load(options.run_dir);
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(Numbers(network), ElementsAreArray(Numbers(*loaded)));

  options.epochs = 3;
  ASSERT_THAT(Train(network, data_, options), IsOk());
  options.run_dir = "";
  Network in_memory = NetworkOfRun();
  ASSERT_THAT(Train(in_memory, data_, options), IsOk());
  EXPECT_THAT(Numbers(in_memory), ElementsAreArray(Numbers(network)));
  options.average_decay = 0;
  options.on_epoch = {};
  Network without = NetworkOfRun();
  ASSERT_THAT(Train(without, data_, options), IsOk());
  EXPECT_NE(Numbers(without), Numbers(network));
}

TEST_F(TrainRunTest, RefusesAnotherRunWithNamesAndValues) {
  const TrainOptions options = Options(1);
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  const auto expect_refused = [&](auto change, const std::string& message) {
    TrainOptions changed = options;
    changed.epochs = 2;
    change(changed);
    ExpectRefused(changed, NetworkOfRun(), data_, message);
  };
  expect_refused([](TrainOptions& o) { o.batch_size = 30; },
                 ": has a run of other options or data; expected the same, to "
                 "resume it, or another run_dir (modified: batch_size: 20 -> "
                 "30)");
  expect_refused([](TrainOptions& o) { o.learning_rate = 0.03; },
                 "modified: learning_rate: 0.02 -> 0.03");
  expect_refused([](TrainOptions& o) { o.seed = 6; }, "modified: seed: 5 -> 6");
  expect_refused(
      [](TrainOptions& o) { o.optimizer.kind = OptimizerKind::kAdamW; },
      "modified: optimizer.kind: ADAM -> ADAMW");
  expect_refused([](TrainOptions& o) { o.augmentation.shift = 1; },
                 "augmentation.shift: 1");
  expect_refused([](TrainOptions& o) { o.data_name = "letters"; },
                 "data.in_memory.name: \"digits\" -> \"letters\"");
  expect_refused([](TrainOptions& o) { o.test = nullptr; },
                 "data.in_memory.test_examples: 40");

  TrainOptions longer = options;
  longer.epochs = 2;
  ExpectRefused(longer, NetworkOfRun(), DataOfRun(91),
                "data.in_memory.train_examples: 90 -> 91");
  Tensor pixels = *data_.Inputs();
  pixels.data<uint8_t>()[77] ^= 1;
  const std::vector<int32_t> classes = *data_.Classes();
  Tensor labels({data_.size()}, ElementType::kUint8);
  std::copy(classes.begin(), classes.end(), labels.data<uint8_t>());
  const Dataset one_pixel =
      *MakeDataset({.inputs = std::move(pixels), .targets = std::move(labels)},
                   data_.target_names, data_.normalization);
  ExpectRefused(longer, NetworkOfRun(), one_pixel,
                "data.in_memory.train_digest: \"");
  ExpectRefused(longer, NetworkOfRun(5), data_,
                "was trained with another network; expected the same layers, "
                "to resume the run, or another run_dir (modified: layer "
                "\"conv2d_1\": conv2d.output_channels: 4 -> 5)");
  ExpectRefused(longer, NetworkOfRun(4, /*seed=*/1), data_,
                "its run began with other parameters; expected those, to "
                "resume it, or another folder (parameter conv2d_1.weight, "
                "number 0: ");
  // None of these has changed it.
  Network resumed = NetworkOfRun();
  ASSERT_THAT(Train(resumed, data_, longer), IsOk());
}

TEST_F(TrainRunTest, RefusesFoldersThatAreNone) {
  const auto error = [&](const std::string& run_dir) {
    TrainOptions options = Options();
    options.run_dir = run_dir;
    Network network = NetworkOfRun();
    return Train(network, data_, options).status();
  };
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/file", "text"));
  EXPECT_THAT(std::string(error(folder_ + "/file").message()),
              HasSubstr(folder_ + "/file"));
  EXPECT_THAT(std::string(error(folder_ + "/file/run").message()),
              HasSubstr(folder_ + "/file/run"));
  EXPECT_THAT(error(folder_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("not the folder of a run")));
  EXPECT_THAT(std::string(error("/proc/run").message()),
              HasSubstr("/proc/run"));
  EXPECT_EQ(*ReadFile(folder_ + "/file"), "text");
}

TEST_F(TrainRunTest, RejectsOptionsOfRuns) {
  const auto expect_error = [&](auto change, const std::string& message) {
    TrainOptions options = Options();
    change(options);
    Network network = NetworkOfRun();
    EXPECT_THAT(
        Train(network, data_, options),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
    EXPECT_FALSE(std::filesystem::exists(options.run_dir));
  };
  expect_error([](TrainOptions& o) { o.save_every_steps = -1; },
               "save.every_steps is -1");
  expect_error([](TrainOptions& o) { o.keep_checkpoints = 0; },
               "keep_checkpoints is 0; expected at least 1");
  expect_error([](TrainOptions& o) { o.data_name = "\xff"; },
               "data.in_memory.name");
  Dataset other = DataOfRun(30);
  std::swap(other.target_names[0], other.target_names[1]);
  expect_error([&](TrainOptions& o) { o.validation = &other; },
               "validation: its class names differ");
  other = DataOfRun(30);
  other.normalization = {};
  expect_error([&](TrainOptions& o) { o.test = &other; },
               "test: its normalization differs");
}

TEST_F(TrainRunTest, WarnsOfDamagedCheckpoints) {
  TrainOptions options = Options(2);
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  const std::vector<float> numbers = Numbers(network);
  // Both names of the file.
  const std::string newest = options.run_dir + "/step-000000010.ckpt";
  std::string bytes = *ReadFile(newest);
  bytes[bytes.size() / 2] ^= 1;
  LENSLET_ASSERT_OK(WriteFileAtomically(newest, bytes));
  LENSLET_ASSERT_OK(
      WriteFileAtomically(options.run_dir + "/latest.ckpt", bytes));
  std::vector<std::string> warnings;
  options.on_warning = [&](const std::string& warning) {
    warnings.push_back(warning);
  };
  Network resumed = NetworkOfRun();
  ASSERT_THAT(Train(resumed, data_, options), IsOk());
  EXPECT_THAT(Numbers(resumed), ElementsAreArray(numbers));
  ASSERT_THAT(warnings, Not(IsEmpty()));
  EXPECT_THAT(warnings[0], HasSubstr("step-000000010.ckpt"));
}

TEST_F(TrainRunTest, SavesAsOftenAndAsManyAsTold) {
  TrainOptions options = Options(2);
  options.save_every_steps = 2;
  options.keep_checkpoints = 4;
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(options.run_dir)) {
    const std::string name = entry.path().filename();
    if (absl::StartsWith(name, "step-")) names.push_back(name);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre(
                         "step-000000005.ckpt", "step-000000006.ckpt",
                         "step-000000008.ckpt", "step-000000010.ckpt"));
}

TEST_F(TrainRunTest, PrintsWhatIsMeasured) {
  std::ostringstream out;
  TrainOptions options = Options(1);
  options.on_epoch = PrintTo(out);
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  EXPECT_THAT(out.str(),
              testing::MatchesRegex("epoch 1/1  loss [0-9.]+ val [0-9.]+  acc "
                                    "[0-9.]+ val [0-9.]+ test [0-9.]+\n"));
}

// on_epoch may predict; what it made must not outlive its parameters.
TEST_F(TrainRunTest, PredictsWithTheParametersOfTheEpoch) {
  TrainOptions options = Options(2);
  std::vector<double> probabilities;
  options.on_epoch = [&](const EpochResult& result) {
    probabilities.push_back(
        result.network->Classify(*data_.Example(0), 3)->front().probability);
  };
  Network network = NetworkOfRun();
  ASSERT_THAT(Train(network, data_, options), IsOk());
  ASSERT_THAT(probabilities, SizeIs(2));
  EXPECT_NE(probabilities[0], probabilities[1]);
  EXPECT_EQ(network.Classify(*data_.Example(0), 3)->front().probability,
            probabilities[1]);
}

}  // namespace
}  // namespace lenslet
