// What a step does where numbers stop being finite after the loss: in a
// statistic, a gradient, the optimizer's state or a parameter.

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/testing/float_limits.h"
#include "lenslet/train/testing/training.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Truly;

// Of one pixel: parameters 0 to 3 are the weight and the bias of "first" and of
// "scores".
Graph TwoLinears() {
  return GraphOf(
      "input { name: 'image' shape: [1, 1, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'first' linear { output_features: 1 } }"
      "layer { name: 'scores' linear { output_features: 4 } }");
}

// One pixel, of class 0.
Dataset OnePixel(uint8_t pixel) {
  return *MakeDataset({.inputs = Tensor::Of<uint8_t>({1, 1, 1, 1}, {pixel}),
                       .targets = Tensor::Of<uint8_t>({1}, {0})},
                      {"0", "1", "2", "3"});
}

// Large scores' weights, by which the gradient of "first" is
//   (3/4 + 3 * 1/4) * weight,
// while the scores are 0 and the loss is log 4.
void SetScoresWeights(float weight, Parameters& parameters) {
  for (int i = 0; i < 4; ++i) {
    parameters.view(2)[i] = i == 0 ? -weight : weight;
  }
}

class TrainerFiniteTest : public ::testing::TestWithParam<Backend> {
 protected:
  // A first step fails for this reason, and nothing else comes of it.
  void ExpectFailure(const Graph& graph, const Dataset& dataset,
                     Parameters& parameters, TrainerOptions options,
                     const ::testing::Matcher<const std::string&>& message) {
    options.backend = GetParam();
    options.threads = 2;
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto trainer, Trainer::Create(graph, dataset, parameters, options));
    const std::vector<float> before = ValuesOf(parameters);
    EXPECT_THAT(trainer->Step({0}),
                StatusIs(absl::StatusCode::kFailedPrecondition, message));
    EXPECT_EQ(ValuesOf(parameters), before);
    EXPECT_EQ(trainer->step(), 0);
    EXPECT_EQ(trainer->updates_done(), 0);
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, TrainerFiniteTest,
                         ::testing::ValuesIn(kTrainingBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// No learning rate can be the cause.
TEST_P(TrainerFiniteTest, AGradient) {
  const Graph graph = TwoLinears();
  const Dataset dataset = OnePixel(255);
  for (const double clip_norm : {0, 1}) {
    Parameters parameters = *Parameters::Create(graph);
    SetScoresWeights(kLarge, parameters);
    ExpectFailure(graph, dataset, parameters, {.clip_norm = clip_norm},
                  "the gradient of parameter \"first.bias\" is inf, in step 0");
  }
}

// The gradient is 3/4 - 1, or 1/4 for other classes than the pixel's.
TEST_P(TrainerFiniteTest, AParameter) {
  const Graph graph = TwoLinears();
  const Dataset dataset = OnePixel(255);
  Parameters parameters = *Parameters::Create(graph);
  for (float& bias : parameters.view(3).span()) bias = kLarge;
  ExpectFailure(graph, dataset, parameters, {.schedule = {.base_rate = 1e38}},
                "parameter \"scores.bias\" would become inf, from 3.40282e+38 "
                "by a gradient of -0.75, in step 0; training has diverged; a "
                "smaller learning rate than 1e+38 may help");
}

// A rate that no float holds.
TEST_P(TrainerFiniteTest, AParameterOfAnInfiniteRate) {
  const Graph graph = TwoLinears();
  const Dataset dataset = OnePixel(255);
  Parameters parameters = *Parameters::Create(graph);
  ExpectFailure(graph, dataset, parameters, {.schedule = {.base_rate = 1e300}},
                HasSubstr("\" would become "));
}

// The parameter moves by about the learning rate, for sqrt(v) is not yet
// infinite: in the next step it would be, and the parameter would stay.
TEST_P(TrainerFiniteTest, StateOfTheOptimizer) {
  const Graph graph = TwoLinears();
  const Dataset dataset = OnePixel(255);
  for (const OptimizerKind kind :
       {OptimizerKind::kAdagrad, OptimizerKind::kRmsprop, OptimizerKind::kAdam,
        OptimizerKind::kAdamW}) {
    Parameters parameters = *Parameters::Create(graph);
    SetScoresWeights(1e25f, parameters);
    ExpectFailure(graph, dataset, parameters, {.optimizer = {.kind = kind}},
                  HasSubstr("the optimizer's state of parameter "
                            "\"first.weight\" would become inf, by a gradient "
                            "of 1.5e+25, in step 0; training has diverged"));
  }
}

// Pixels of variance 1/4, times 1e20. Normalized, they are as harmless as ever.
TEST_P(TrainerFiniteTest, AStatistic) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [1, 2, 1] }"
      "layer { name: 'conv' conv2d { output_channels: 1 kernel: 1 } }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 4 } }");
  const Dataset dataset =
      *MakeDataset({.inputs = Tensor::Of<uint8_t>({1, 1, 2, 1}, {0, 255}),
                    .targets = Tensor::Of<uint8_t>({1}, {0})},
                   {"0", "1", "2", "3"});
  Parameters parameters = *Parameters::Create(graph);
  InitializeParameters(Initializer(), /*seed=*/1, parameters);
  parameters.view(0)[0] = 1e20f;
  ExpectFailure(graph, dataset, parameters, {},
                "the change of parameter \"norm.running_variance\" is inf, in "
                "step 0");
}

// Layers that might hide from the loss what is not finite.
TEST_P(TrainerFiniteTest, ParametersStayFiniteUntilAStepFails) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [8, 8, 1] }"
      "layer { name: 'conv' conv2d { output_channels: 6 kernel: 3 } }"
      "layer { name: 'relu' relu {} }"
      "layer { name: 'max' max_pool2d { kernel: 2 } }"
      "layer { name: 'conv2' conv2d { output_channels: 5 kernel: 3 } }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'relu2' relu {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 4 } }");
  ExampleArrays arrays = {.inputs = Tensor({64, 8, 8, 1}, ElementType::kUint8),
                          .targets = Tensor({64}, ElementType::kUint8)};
  Random random(1);
  for (uint8_t& label : arrays.targets.span<uint8_t>()) {
    label = static_cast<uint8_t>(random.Below(4));
  }
  for (uint8_t& pixel : arrays.inputs.span<uint8_t>()) {
    pixel = static_cast<uint8_t>(random.Below(256));
  }
  const Dataset dataset = *MakeDataset(std::move(arrays), {"0", "1", "2", "3"});
  const std::vector<int64_t> examples = AllIndices(64);
  const auto is_finite =
      Truly([](float value) { return std::isfinite(value); });
  for (const double rate : {1e3, 1e10, 1e20, 1e30}) {
    Parameters parameters = *Parameters::Create(graph);
    InitializeParameters(Initializer(), /*seed=*/1, parameters);
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto trainer, Trainer::Create(graph, dataset, parameters,
                                      {.backend = GetParam(),
                                       .threads = 2,
                                       .batch_size = 64,
                                       .schedule = {.base_rate = rate}}));
    absl::Status status;
    for (int step = 0; step < 50 && status.ok(); ++step) {
      status = trainer->Step(examples).status();
      ASSERT_THAT(ValuesOf(parameters), Each(is_finite)) << rate;
    }
    // A rate that is large, but not so large, may do no more than harm.
    if (rate < 1e20 && status.ok()) continue;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr("training has diverged")));
  }
}

}  // namespace
}  // namespace lenslet
