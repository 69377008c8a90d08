#include "lenslet/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/crop_margin.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/testing/training.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Every kind of layer, on images of 8 x 8.
Graph SmallNet() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 8, 8, 1 ]
    }
    layer {
      name: "conv"
      conv2d { output_channels: 5 kernel: 3 padding: 1 }
    }
    layer {
      name: "relu"
      relu {}
    }
    layer {
      name: "max"
      max_pool2d { kernel: 2 }
    }
    layer {
      name: "conv2"
      conv2d { output_channels: 7 kernel: 3 padding: 1 }
    }
    layer {
      name: "tanh"
      tanh {}
    }
    layer {
      name: "average"
      avg_pool2d { kernel: 2 }
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 20 }
    }
    layer {
      name: "sigmoid"
      sigmoid {}
    }
    layer {
      name: "scores"
      linear { output_features: 10 }
    }
  )pb");
}

Dataset SmallData(int count, Split split = Split::kTrain) {
  const std::string folder = EmptyTempFolder("trainer_test");
  EXPECT_THAT(WriteSmallMnist(folder, {.count = count}), IsOk());
  return *LoadMnist(folder, split);
}

class TrainerBackendTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, TrainerBackendTest,
                         ::testing::ValuesIn(kTrainingBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// Any network that can be trained at all learns 64 images by heart.
TEST_P(TrainerBackendTest, OverfitsSixtyFourImages) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(64);
  Parameters parameters = InitialParameters(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      auto trainer, Trainer::Create(graph, dataset, parameters,
                                    {.backend = GetParam(),
                                     .threads = 2,
                                     .batch_size = 16,
                                     .schedule = {.base_rate = 0.5}}));
  Metrics first, last;
  for (int64_t epoch = 0; epoch < 120; ++epoch) {
    LENSLET_ASSERT_OK_AND_ASSIGN(last, trainer->TrainEpoch(epoch, IgnoreStep));
    if (epoch == 0) first = last;
  }
  EXPECT_EQ(first.examples, 64);
  EXPECT_GT(first.loss(), 2);
  // By heart: right about each image with a probability of some 95 %.
  EXPECT_LT(last.loss(), 0.05);
  EXPECT_EQ(last.accuracy(), 1);
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto evaluator,
        Evaluator::Create(graph, parameters, {.backend = backend}));
    LENSLET_ASSERT_OK_AND_ASSIGN(Metrics metrics, evaluator->Evaluate(dataset));
    EXPECT_EQ(metrics.accuracy(), 1);
    EXPECT_LT(metrics.loss(), 0.05);
  }
}

// 100 images in batches of 48: 3 blocks, 3, and 4 images in the last. Not only
// equal: the same bits.
TEST_P(TrainerBackendTest, TheNumberOfThreadsChangesNothing) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(100);
  const auto train = [&](int threads) {
    Parameters parameters = InitialParameters(graph);
    auto trainer = *Trainer::Create(graph, dataset, parameters,
                                    {.backend = GetParam(),
                                     .threads = threads,
                                     .batch_size = 48,
                                     .schedule = {.base_rate = 0.5},
                                     .block = 5});
    Metrics metrics;
    for (int64_t epoch = 0; epoch < 2; ++epoch) {
      metrics.Add(*trainer->TrainEpoch(epoch, IgnoreStep));
    }
    const absl::Span<const float> values = parameters.array();
    return std::make_pair(std::vector<float>(values.begin(), values.end()),
                          metrics.loss());
  };
  const auto one = train(1);
  for (int threads : {2, 3, 5, 64}) {
    const auto many = train(threads);
    EXPECT_EQ(one.first, many.first) << threads << " threads";
    EXPECT_EQ(one.second, many.second) << threads << " threads";
  }
}

// By hand: one pixel of value 1, two classes, weights and biases zero. p is 1/2
// each; for label 0 the gradient of both weight and bias is (-1/2, 1/2), so one
// step with rate 0.5 gives (1/4, -1/4).
TEST_P(TrainerBackendTest, OneStepByHand) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 1, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 2 }
    }
  )pb");
  const Dataset dataset =
      *MakeDataset({.inputs = Tensor::Of<uint8_t>({1, 1, 1, 1}, {255}),
                    .targets = Tensor::Of<uint8_t>({1}, {0})},
                   {"a", "b"});
  Parameters parameters = *Parameters::Create(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      auto trainer,
      Trainer::Create(graph, dataset, parameters,
                      {.backend = GetParam(), .schedule = {.base_rate = 0.5}}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Metrics metrics,
                               trainer->Step(std::vector<int64_t>{0}));
  // A few roundings of numbers up to 1, in float.
  EXPECT_NEAR(metrics.loss(), std::log(2.0), 1e-6);
  EXPECT_EQ(metrics.correct, 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NEAR(parameters.view(i)[0], 0.25, 1e-6);
    EXPECT_NEAR(parameters.view(i)[1], -0.25, 1e-6);
  }
}

TEST(TrainerTest, TellsOfEveryStep) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(100);
  Parameters parameters = InitialParameters(graph);
  auto trainer =
      *Trainer::Create(graph, dataset, parameters,
                       {.batch_size = 48, .schedule = {.base_rate = 0.1}});
  std::vector<int64_t> examples;
  LENSLET_ASSERT_OK(trainer
                        ->TrainEpoch(0,
                                     [&](const Metrics& so_far) {
                                       examples.push_back(so_far.examples);
                                     })
                        .status());
  EXPECT_THAT(examples, ::testing::ElementsAre(48, 96, 100));
}

TEST(TrainerTest, AStepNeedsExamples) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(10);
  Parameters parameters = InitialParameters(graph);
  auto trainer = *Trainer::Create(graph, dataset, parameters, {});
  EXPECT_THAT(
      trainer->Step(std::vector<int64_t>(dataset.size() + 1)),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          HasSubstr(
              "the smaller of the batch size and the number of examples")));
  EXPECT_THAT(trainer->Step({}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the step has 0 examples; expected at least 1"));
}

// And no layout, but for what the backends round.
TEST_P(TrainerBackendTest, TheNumberOfThreadsChangesNoAugmentation) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(100);
  const AugmentationSpec augmentation = {.rotation = 10,
                                         .shift = 1,
                                         .flip = true,
                                         .cutout = 2,
                                         .noise = 0.1,
                                         .vertical_flip = true,
                                         .crop_area = 0.5,
                                         .scale = 0.1,
                                         .brightness = 0.2,
                                         .contrast = 0.2,
                                         .erasing = 0.5,
                                         .mixup = 0.4,
                                         .cutmix = 1};
  std::vector<Parameters> results;
  for (const int threads : {1, 2, 1}) {
    results.push_back(InitialParameters(graph));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto trainer, Trainer::Create(graph, dataset, results.back(),
                                      {.backend = GetParam(),
                                       .threads = threads,
                                       .batch_size = 48,
                                       .augmentation = results.size() == 3
                                                           ? AugmentationSpec()
                                                           : augmentation}));
    LENSLET_ASSERT_OK(trainer->TrainEpoch(0, IgnoreStep).status());
  }
  EXPECT_EQ(results[0].array(), results[1].array());
  EXPECT_NE(results[0].array(), results[2].array());
}

// Steps see parts of the images at places that they draw, even without
// augmentation; what the network is measured with stays as it is.
TEST_P(TrainerBackendTest, CropsMarginsTheSameOnAnyThreads) {
  const Graph graph = SmallNet();
  const std::string folder = EmptyTempFolder("trainer_margin_test");
  LENSLET_ASSERT_OK(
      WriteSmallMnist(folder, {.count = 50, .height = 12, .width = 12}));
  Dataset dataset = *LoadMnist(folder, Split::kTrain);
  dataset.examples = CropMargin(dataset.examples, 2);
  for (const bool flip : {false, true}) {
    std::vector<Parameters> results;
    for (const int threads : {1, 2, 3}) {
      results.push_back(InitialParameters(graph));
      LENSLET_ASSERT_OK_AND_ASSIGN(
          auto trainer, Trainer::Create(graph, dataset, results.back(),
                                        {.backend = GetParam(),
                                         .threads = threads,
                                         .batch_size = 48,
                                         .augmentation = {.flip = flip}}));
      LENSLET_ASSERT_OK(trainer->TrainEpoch(0, IgnoreStep).status());
    }
    EXPECT_EQ(results[0].array(), results[1].array());
    EXPECT_EQ(results[0].array(), results[2].array());
  }
  Parameters parameters = InitialParameters(graph);
  auto evaluator = *Evaluator::Create(graph, parameters, {});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics middle,
                               evaluator->Evaluate(dataset));
  auto trainer = *Trainer::Create(
      graph, dataset, parameters,
      {.backend = GetParam(), .schedule = {.base_rate = 1e-30}});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics first,
                               trainer->TrainEpoch(0, IgnoreStep));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics second,
                               trainer->TrainEpoch(1, IgnoreStep));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics after,
                               evaluator->Evaluate(dataset));
  EXPECT_EQ(after.loss_sum, middle.loss_sum);
  EXPECT_GT(std::abs(first.loss_sum - middle.loss_sum), 0.001);
  EXPECT_GT(std::abs(second.loss_sum - first.loss_sum), 0.001);
}

// Every step draws anew, and what the network is measured with stays as it is.
TEST(TrainerTest, AugmentsTrainingImagesOnly) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(10);
  Parameters parameters = InitialParameters(graph);
  auto evaluator = *Evaluator::Create(graph, parameters, {});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics expected,
                               evaluator->Evaluate(dataset));
  // So small a rate that parameters stay as they are.
  auto plain = *Trainer::Create(graph, dataset, parameters,
                                {.schedule = {.base_rate = 1e-30}});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics as_is,
                               plain->TrainEpoch(0, IgnoreStep));
  auto trainer = *Trainer::Create(
      graph, dataset, parameters,
      {.schedule = {.base_rate = 1e-30}, .augmentation = {.noise = 0.5}});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics first,
                               trainer->TrainEpoch(0, IgnoreStep));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics second,
                               trainer->TrainEpoch(1, IgnoreStep));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics after,
                               evaluator->Evaluate(dataset));
  EXPECT_EQ(after.loss_sum, expected.loss_sum);
  // They differ by the order of 10 losses of some 2.3, rounded to double and
  // made of floats.
  EXPECT_NEAR(as_is.loss_sum, expected.loss_sum, 23 * 1e-5);
  EXPECT_GT(std::abs(first.loss_sum - as_is.loss_sum), 0.01);
  EXPECT_GT(std::abs(second.loss_sum - first.loss_sum), 0.001);
}

TEST(TrainerTest, RejectsAugmentationThatDoesNotFit) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(10);
  Parameters parameters = InitialParameters(graph);
  EXPECT_THAT(
      Trainer::Create(graph, dataset, parameters,
                      {.augmentation = {.shift = 8}}),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          HasSubstr("augmentation.shift is 8; expected a number in [0, 7]")));
  EXPECT_THAT(Trainer::Create(graph, dataset, parameters,
                              {.augmentation = {.mixup = 1}, .block = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("augmentation.mixup mixes the examples of a "
                                 "block, and block is 1")));
}

TEST(TrainerTest, RejectsANormalizationThatDoesNotFit) {
  const Graph graph = SmallNet();
  Dataset dataset = SmallData(10);
  dataset.normalization = {.mean = {0, 0}, .deviation = {1}};
  Parameters parameters = InitialParameters(graph);
  EXPECT_THAT(Trainer::Create(graph, dataset, parameters, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("normalization.mean has 2 numbers")));
}

TEST(TrainerTest, MeasuresItsKernels) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(32);
  Parameters parameters = InitialParameters(graph);
  auto trainer =
      *Trainer::Create(graph, dataset, parameters, {.measure_time = true});
  LENSLET_ASSERT_OK(trainer->TrainEpoch(0, IgnoreStep).status());
  EXPECT_GT(trainer->KernelSeconds(), 0);
}

TEST(TrainerTest, StopsWhenTheLossIsNotFinite) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(32);
  Parameters parameters = InitialParameters(graph);
  auto trainer =
      *Trainer::Create(graph, dataset, parameters,
                       {.batch_size = 8, .schedule = {.base_rate = 1e38}});
  EXPECT_THAT(trainer->TrainEpoch(0, IgnoreStep),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("training has diverged; a smaller learning "
                                 "rate than 1e+38 may help")));
}

class TrainerOptimizerTest : public ::testing::TestWithParam<OptimizerKind> {};

INSTANTIATE_TEST_SUITE_P(
    Optimizers, TrainerOptimizerTest,
    ::testing::Values(OptimizerKind::kSgd, OptimizerKind::kMomentum,
                      OptimizerKind::kNesterov, OptimizerKind::kAdagrad,
                      OptimizerKind::kRmsprop, OptimizerKind::kAdam,
                      OptimizerKind::kAdamW));

// Three steps of the trainer, and of the optimizer over all parameters at once.
// The gradients are what plain gradient descent with a large rate says they
// are: they are off by 1e-7 of themselves, and by 1e-7 of values up to 1, over
// the rate: by 1e-13. That is 1e-5 of epsilon, the least that an optimizer
// divides by, so steps are off by some 1e-5 of the rate, and values by 1e-7
// more where they are rounded.
TEST_P(TrainerOptimizerTest, UpdatesAllParametersByTheOptimizer) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(32);
  const OptimizerSpec optimizer = {.kind = GetParam(), .weight_decay = 0.1};
  constexpr double kRate = 0.01;
  constexpr float kLargeRate = 1 << 20;
  constexpr double kTolerance = 1e-6;
  Parameters parameters = InitialParameters(graph);
  auto trainer = *Trainer::Create(graph, dataset, parameters,
                                  {.threads = 2,
                                   .batch_size = 32,
                                   .schedule = {.base_rate = kRate},
                                   .optimizer = optimizer});
  std::vector<std::vector<float>> arrays(
      StateArrays(optimizer.kind),
      std::vector<float>(parameters.array().size()));
  std::vector<absl::Span<float>> state;
  for (std::vector<float>& array : arrays) {
    state.push_back(absl::MakeSpan(array));
  }
  for (int64_t step = 1; step <= 3; ++step) {
    const std::vector<float> before(parameters.array().begin(),
                                    parameters.array().end());
    Parameters descended = InitialParameters(graph);
    std::copy(before.begin(), before.end(), descended.array().begin());
    auto descent = *Trainer::Create(
        graph, dataset, descended,
        {.batch_size = 32, .schedule = {.base_rate = kLargeRate}});
    // Epochs as when training goes on from a checkpoint: the optimizer's count
    // of steps begins at 1 all the same. Their batches are one of all images.
    LENSLET_ASSERT_OK(trainer->TrainEpoch(5 + step, IgnoreStep).status());
    LENSLET_ASSERT_OK(descent->TrainEpoch(5 + step, IgnoreStep).status());
    std::vector<float> gradients(before.size());
    for (size_t i = 0; i < before.size(); ++i) {
      gradients[i] = (before[i] - descended.array()[i]) / kLargeRate;
    }
    std::vector<float> expected = before;
    UpdateValues(optimizer, kRate, step, gradients, state,
                 absl::MakeSpan(expected));
    EXPECT_THAT(
        parameters.array(),
        ::testing::Pointwise(::testing::FloatNear(kTolerance), expected));
  }
}

TEST(TrainerTest, RejectsWrongOptions) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(10);
  Parameters parameters = InitialParameters(graph);
  const auto code = absl::StatusCode::kInvalidArgument;
  const auto create = [&](const TrainerOptions& options) {
    return Trainer::Create(graph, dataset, parameters, options).status();
  };
  EXPECT_THAT(create({.threads = 0}),
              StatusIs(code, HasSubstr("threads is 0")));
  EXPECT_THAT(create({.batch_size = 0}),
              StatusIs(code, HasSubstr("batch size is 0")));
  EXPECT_THAT(create({.block = -1}), StatusIs(code, HasSubstr("block is -1")));
  for (double rate : {0.0, -1.0, double{INFINITY}, double{NAN}}) {
    EXPECT_THAT(create({.schedule = {.base_rate = rate}}),
                StatusIs(code, HasSubstr("expected a positive number")));
  }
  EXPECT_THAT(create({.optimizer = {.momentum = 1}}),
              StatusIs(code, HasSubstr("momentum is 1")));
}

TEST(TrainerTest, RejectsDataThatDoesNotFitTheModel) {
  const Dataset dataset = SmallData(10);
  const auto code = absl::StatusCode::kInvalidArgument;
  const auto create = [&](const std::string& model) {
    const Graph graph = GraphOf(model);
    Parameters parameters = *Parameters::Create(graph);
    return Trainer::Create(graph, dataset, parameters, {}).status();
  };
  EXPECT_THAT(create(R"pb(input {
                            name: "image"
                            shape: [ 28, 28, 1 ]
                          }
                          layer {
                            name: "flatten"
                            flatten {}
                          })pb"),
              StatusIs(code, HasSubstr("the model's input \"image\" has shape "
                                       "[28, 28, 1]; the data set's "
                                       "examples have shape [8, 8, 1]")));
  EXPECT_THAT(create(R"pb(input {
                            name: "image"
                            shape: [ 8, 8, 1 ]
                          }
                          layer {
                            name: "flatten"
                            flatten {}
                          }
                          layer {
                            name: "out"
                            linear { output_features: 7 }
                          })pb"),
              StatusIs(code, HasSubstr("layer \"out\", has shape [7]; expected "
                                       "[10], a score for each class")));
  EXPECT_THAT(
      create(R"pb(input {
                    name: "image"
                    shape: [ 8, 8, 1 ]
                  }
                  layer {
                    name: "out"
                    linear { output_features: 10 }
                  })pb"),
      StatusIs(
          code,
          HasSubstr("layer \"out\", has shape [8, 8, 10]; expected [10], a "
                    "score for each class; linear "
                    "layer \"out\" transforms each position separately; "
                    "add a flatten layer before it")));
}

TEST(TrainerTest, RejectsAModelWithNothingToTrain) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 2, 5, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
  )pb");
  const std::string folder = EmptyTempFolder("trainer_test");
  LENSLET_ASSERT_OK(WriteSmallMnist(folder, {.height = 2, .width = 5}));
  const Dataset dataset = *LoadMnist(folder, Split::kTrain);
  Parameters parameters = *Parameters::Create(graph);
  EXPECT_THAT(Trainer::Create(graph, dataset, parameters, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("nothing to train")));
}

TEST(EvaluatorTest, NeedsAThreadAndABlock) {
  const Graph graph = SmallNet();
  const Parameters parameters = InitialParameters(graph);
  EXPECT_THAT(
      Evaluator::Create(graph, parameters, {.threads = 0}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("threads is 0")));
  EXPECT_THAT(Evaluator::Create(graph, parameters, {.block = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("a block of 0 images")));
}

TEST(EvaluatorTest, DependsNeitherOnThreadsNorOnBlocks) {
  const Graph graph = SmallNet();
  const Dataset dataset = SmallData(100, Split::kTest);
  const Parameters parameters = InitialParameters(graph);
  const auto evaluate = [&](const EvaluatorOptions& options) {
    return *(*Evaluator::Create(graph, parameters, options))->Evaluate(dataset);
  };
  const Metrics expected = evaluate({.backend = Backend::kReference});
  EXPECT_EQ(expected.examples, 100);
  for (int threads : {1, 2, 3}) {
    for (int64_t block : {1, 7, 100, 128}) {
      const Metrics metrics = evaluate({.threads = threads, .block = block});
      EXPECT_EQ(metrics.correct, expected.correct);
      // Sums of some 100 floats in each of five layers: 5 sqrt(100) * 2^-24
      // of scores up to 3.
      EXPECT_NEAR(metrics.loss(), expected.loss(), 1e-5);
    }
  }
}

}  // namespace
}  // namespace lenslet
