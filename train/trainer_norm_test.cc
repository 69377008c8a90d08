// Training with batch normalization, dropout and fixed parameters.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/testing/training.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Images of 8 x 8: noise, with a bright square whose place is the class.
Dataset Squares(int64_t images, uint64_t seed) {
  ExampleArrays arrays = {
      .inputs = Tensor({images, 8, 8, 1}, ElementType::kUint8),
      .targets = Tensor({images}, ElementType::kUint8)};
  Random random(seed);
  for (int64_t n = 0; n < images; ++n) {
    const int64_t label = random.Below(4);
    arrays.targets.span<uint8_t>()[n] = static_cast<uint8_t>(label);
    for (int64_t row = 0; row < 8; ++row) {
      for (int64_t column = 0; column < 8; ++column) {
        const bool bright = row / 4 == label / 2 && column / 4 == label % 2;
        arrays.inputs.span<uint8_t>()[(n * 8 + row) * 8 + column] =
            static_cast<uint8_t>(random.Below(180) + (bright ? 70 : 0));
      }
    }
  }
  return *MakeDataset(std::move(arrays), {"0", "1", "2", "3"});
}

constexpr char kInput[] = "input { name: 'image' shape: [8, 8, 1] }";

Graph NormDropoutNet() {
  return GraphOf(absl::StrCat(
      kInput,
      "layer { name: 'conv' conv2d { output_channels: 6 kernel: 3 bias: false"
      " } }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'relu' relu {} }"
      "layer { name: 'max' max_pool2d { kernel: 2 } }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'drop' dropout { rate: 0.3 } }"
      "layer { name: 'linear' linear { output_features: 20 } }"
      "layer { name: 'norm2' batch_norm { momentum: 0.2 } }"
      "layer { name: 'tanh' tanh {} }"
      "layer { name: 'scores' linear { output_features: 4 } }"));
}

// The parameters after two epochs of 100 images in batches of 48: 10 blocks,
// 10, and 1 of 4 images.
std::vector<float> Train(const Graph& graph, const TrainerOptions& options) {
  const Dataset dataset = Squares(100, 1);
  Parameters parameters = InitialParameters(graph);
  auto trainer = *Trainer::Create(graph, dataset, parameters, options);
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    LENSLET_EXPECT_OK(trainer->TrainEpoch(epoch, IgnoreStep).status());
  }
  return ValuesOf(parameters);
}

TEST(TrainerNormTest, TheNumberOfThreadsChangesNothing) {
  const Graph graph = NormDropoutNet();
  for (const Backend backend : kTrainingBackends) {
    const auto train = [&](int threads) {
      return Train(graph, {.backend = backend,
                           .threads = threads,
                           .batch_size = 48,
                           .schedule = {.base_rate = 0.1},
                           .block = 5});
    };
    const std::vector<float> one = train(1);
    EXPECT_EQ(one, train(2)) << Name(backend);
    EXPECT_EQ(one, train(3)) << Name(backend);
  }
}

// The order of the images is the same: there is one batch.
TEST(TrainerNormTest, SeedsAndStepsDropOtherNumbers) {
  const Graph graph = GraphOf(
      absl::StrCat(kInput,
                   "layer { name: 'flatten' flatten {} }"
                   "layer { name: 'drop' dropout { rate: 0.5 } }"
                   "layer { name: 'scores' linear { output_features: 4 } }"));
  const Dataset dataset = Squares(1, 1);
  const auto steps = [&](uint64_t seed, int64_t epoch, int count) {
    Parameters parameters = InitialParameters(graph);
    auto trainer = *Trainer::Create(
        graph, dataset, parameters,
        {.batch_size = 1, .schedule = {.base_rate = 1e-30}, .seed = seed});
    std::vector<double> losses;
    // A learning rate that moves nothing: losses differ by what is dropped.
    for (int i = 0; i < count; ++i) {
      losses.push_back(trainer->TrainEpoch(epoch + i, IgnoreStep)->loss_sum);
    }
    return losses;
  };
  const std::vector<double> losses = steps(1, 0, 4);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < i; ++j) EXPECT_NE(losses[i], losses[j]);
  }
  EXPECT_EQ(steps(1, 0, 4), losses);
  EXPECT_NE(steps(2, 0, 4), losses);
  // A step's number is what counts, not how it was reached.
  EXPECT_EQ(steps(1, 3, 1)[0], losses[3]);
}

// By hand: two blocks of two images and one of one, a pixel each: 0 and 1 (in
// 255ths: 0 and 255), 1 and 1, and 1. Means 0.5, 1, 1; variances, unbiased, 0.5
// and 0, and none of the last. The averages 0 and 1 move by a quarter of
//   (2 * 0.5 + 2 * 1 + 1 * 1) / 5 = 0.8
//   (2 * (0.5 - 1) + 2 * (0 - 1)) / 5 = -0.6
TEST(TrainerNormTest, AveragesMoveByTheMeanOfTheBlocks) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [1, 1, 1] }"
      "layer { name: 'norm' batch_norm { momentum: 0.25 } }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  const Dataset dataset = *MakeDataset(
      {.inputs = Tensor::Of<uint8_t>({5, 1, 1, 1}, {0, 255, 255, 255, 255}),
       .targets = Tensor::Of<uint8_t>({5}, {0, 1, 0, 1, 0})},
      {"a", "b"});
  for (const Backend backend : kTrainingBackends) {
    Parameters parameters = InitialParameters(graph);
    auto trainer = *Trainer::Create(
        graph, dataset, parameters,
        {.backend = backend, .threads = 2, .batch_size = 5, .block = 2});
    LENSLET_ASSERT_OK(
        trainer->Step(std::vector<int64_t>{0, 1, 2, 3, 4}).status());
    // A few roundings of numbers up to 4.
    EXPECT_NEAR(parameters.view(2)[0], 0.25 * 0.8, 16 * 0x1p-24);
    EXPECT_NEAR(parameters.view(3)[0], 1 - 0.25 * 0.6, 16 * 0x1p-24);
  }
}

// A block as large as the batch: the definition of 2015. The first step's loss
// is then the loss of scores from a normalization over the whole batch, which
// is known: two pixels, 0 and 1, become -1 and 1 (but for epsilon).
TEST(TrainerNormTest, ABlockOfTheBatchIsTheUsualNormalization) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [1, 1, 1] }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  // Blocks of 20 images of one value would normalize to zero.
  ExampleArrays arrays = {.inputs = Tensor({40, 1, 1, 1}, ElementType::kUint8),
                          .targets = Tensor({40}, ElementType::kUint8)};
  for (int64_t n = 0; n < 40; ++n) {
    arrays.inputs.span<uint8_t>()[n] = n < 20 ? 0 : 255;
    arrays.targets.span<uint8_t>()[n] = n < 20 ? 0 : 1;
  }
  const Dataset dataset = *MakeDataset(std::move(arrays), {"a", "b"});
  const std::vector<int64_t> examples = AllIndices(40);
  const auto loss = [&](Backend backend, int64_t block) {
    Parameters parameters = InitialParameters(graph);
    // Scores -x and x.
    parameters.view(4)[0] = -1;
    parameters.view(4)[1] = 1;
    auto trainer = *Trainer::Create(
        graph, dataset, parameters,
        {.backend = backend, .batch_size = 40, .block = block});
    return trainer->Step(examples)->loss();
  };
  // The deviation is sqrt(1/4 + 1e-5).
  const double x = 0.5 / std::sqrt(0.25 + 1e-5);
  for (const Backend backend : kTrainingBackends) {
    EXPECT_NEAR(loss(backend, 40), std::log(1 + std::exp(-2 * x)), 1e-6);
    EXPECT_NEAR(loss(backend, 64), std::log(1 + std::exp(-2 * x)), 1e-6);
    EXPECT_NEAR(loss(backend, 20), std::log(2), 1e-6);
  }
}

// And as good with running averages, on every backend, as in training: chance
// is 0.25.
TEST(TrainerNormTest, LearnsAndEvaluatesWithRunningAverages) {
  const Graph graph = NormDropoutNet();
  const Dataset train = Squares(320, 1);
  const Dataset test = Squares(200, 2);
  Parameters parameters = InitialParameters(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      auto trainer,
      Trainer::Create(
          graph, train, parameters,
          {.threads = 2, .batch_size = 32, .schedule = {.base_rate = 0.1}}));
  Metrics last;
  for (int64_t epoch = 0; epoch < 10; ++epoch) {
    LENSLET_ASSERT_OK_AND_ASSIGN(last, trainer->TrainEpoch(epoch, IgnoreStep));
  }
  EXPECT_GT(last.accuracy(), 0.9);
  for (const Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto evaluator,
        Evaluator::Create(graph, parameters, {.backend = backend}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics metrics,
                                 evaluator->Evaluate(test));
    EXPECT_GT(metrics.accuracy(), last.accuracy() - 0.05) << Name(backend);
  }
}

// The layers between train, though those before and after do not.
TEST(TrainerNormTest, FixedParametersStayAsTheyAre) {
  const Graph graph = GraphOf(absl::StrCat(
      kInput,
      "layer { name: 'fixed1' conv2d { output_channels: 3 kernel: 3"
      " trainable: false } }"
      "layer { name: 'conv' conv2d { output_channels: 3 kernel: 3 } }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'fixed2' linear { output_features: 9 trainable: false } }"
      "layer { name: 'linear' linear { output_features: 9 } }"
      "layer { name: 'fixed3' linear { output_features: 4 trainable: false }"
      " }"));
  for (const Backend backend : kTrainingBackends) {
    const auto train = [&](int threads) {
      return Train(graph, {.backend = backend,
                           .threads = threads,
                           .batch_size = 48,
                           .schedule = {.base_rate = 0.1},
                           .block = 5});
    };
    const std::vector<float> before = ValuesOf(InitialParameters(graph));
    const std::vector<float> after = train(1);
    EXPECT_EQ(after, train(2));
    for (const Graph::Parameter& p : graph.parameters()) {
      const auto begin = after.begin() + p.offset;
      const bool same = std::equal(begin, begin + p.info.shape.elements(),
                                   before.begin() + p.offset);
      EXPECT_EQ(same, p.name.substr(0, 5) == "fixed")
          << Name(backend) << " " << p.name;
    }
  }
}

TEST(TrainerNormTest, SomethingMustBeTrainable) {
  const Graph graph = GraphOf(absl::StrCat(
      kInput,
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 4 trainable: false } "
      "}"));
  const Dataset dataset = Squares(3, 1);
  Parameters parameters = InitialParameters(graph);
  EXPECT_THAT(Trainer::Create(graph, dataset, parameters, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("are all fixed: there is nothing to train")));
}

}  // namespace
}  // namespace lenslet
