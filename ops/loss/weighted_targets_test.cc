// Cross-entropy with label smoothing and class weights.

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/ops/testing/loss_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr Tolerance kEightRoundings = {.absolute = 8 * 0x1p-24,
                                       .relative = 8 * 0x1p-24};

class WeightedTargetsTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, WeightedTargetsTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// p is 1/8, 2/8, 5/8. Three classes share 0.3 alike: the targets are 0.1 0.1
// 0.8 for label 2 and 0.8 0.1 0.1 for label 0. With the weights 1 2 5, they are
// 0.1 0.2 4, with a sum of 4.3, and 0.8 0.2 0.5, with a sum of 1.5. dx is
// 4.3 p - (0.1 0.2 4) and 1.5 p - (0.8 0.2 0.5).
TEST_P(WeightedTargetsTest, ByHand) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  const double log8 = std::log(8.0);
  const double log4 = std::log(4.0);
  const double log1_6 = std::log(1.6);
  const LossAndGradient result = RunLoss(
      **MakeLossKernel(GetParam(),
                       {.kind = CrossEntropySpec{.label_smoothing = 0.3},
                        .class_weights = {1, 2, 5}},
                       {3}, 2),
      Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}),
      std::vector<int32_t>{2, 0}, 2);
  LENSLET_EXPECT_OK(AllClose(
      result.losses,
      Tensor::Of({2},
                 {static_cast<float>(0.1 * log8 + 0.2 * log4 + 4 * log1_6),
                  static_cast<float>(0.8 * log8 + 0.2 * log4 + 0.5 * log1_6)}),
      kEightRoundings));
  // Terms of up to 8.
  LENSLET_EXPECT_OK(AllClose(
      result.dx,
      Tensor::Of({2, 3}, {0.875f, 1.75f, -2.625f, -1.225f, 0.35f, 0.875f}),
      {.absolute = 8 * 8 * 0x1p-24}));
}

// The mean loss of a batch, of whole images and of the positions of one, as
// PyTorch 1.13 computes it:
//
//   python3 -c 'import torch
//   X = torch.tensor([[1, 2, 3], [0, -1, 2], [2, 2, 0], [-1, 0, 1]]).double()
//   Y = torch.tensor([2, 0, 1, -1]); w = torch.tensor([1, 2, .5]).double()
//   for e in (0, .1):
//     print(e, torch.nn.functional.cross_entropy(
//         X, Y, weight=w, ignore_index=-1, label_smoothing=e).item())'
TEST_P(WeightedTargetsTest, MeanOfABatchIsPytorchs) {
  const std::pair<double, double> means[] = {{0, 1.111684672325001},
                                             {0.1, 1.1688615842246974}};
  const Tensor map =
      Tensor::Of({1, 4, 3}, {1, 2, 3, 0, -1, 2, 2, 2, 0, -1, 0, 1});
  const Tensor images = Tensor::Of({3, 3}, {1, 2, 3, 0, -1, 2, 2, 2, 0});
  const std::vector<int32_t> labels = {2, 0, 1, kIgnoredClass};
  for (const auto& [smoothing, mean] : means) {
    SCOPED_TRACE(smoothing);
    const LossSpec spec = {
        .kind = CrossEntropySpec{.label_smoothing = smoothing},
        .class_weights = {1, 2, 0.5}};
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor of_map,
                                 ComputeLosses(map, labels, spec, GetParam()));
    EXPECT_NEAR(of_map.data()[0] / SumOfWeights(spec, labels, 1), mean,
                32 * 0x1p-24);
    const absl::Span<const int32_t> counted(labels.data(), 3);
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor of_images,
        ComputeLosses(images, counted, spec, GetParam()));
    const double sum =
        double{of_images.data()[0]} + of_images.data()[1] + of_images.data()[2];
    EXPECT_NEAR(sum / SumOfWeights(spec, counted, 3), mean, 32 * 0x1p-24);
  }
}

TEST(SumOfWeightsTest, ByHand) {
  const LossSpec weighted = {.class_weights = {1, 2, 0.5}};
  EXPECT_EQ(SumOfWeights({}, {0, 1, 2}, 3), 3);
  EXPECT_EQ(SumOfWeights({}, {0, kIgnoredClass, 2, 1}, 2), 1.5);
  EXPECT_EQ(SumOfWeights(weighted, {0, 1, 2}, 3), 3.5);
  EXPECT_EQ(SumOfWeights(weighted, {0, 1, 2, kIgnoredClass}, 1), 3.5 / 4);
  EXPECT_EQ(SumOfWeights({.kind = CrossEntropySpec{.weigh_by_label = true},
                          .class_weights = {1, 2, 0.5}},
                         {0, 1, 2, kIgnoredClass}, 1),
            0.75);
  EXPECT_EQ(SumOfWeights({}, {kIgnoredClass}, 1), 0);
}

// The label's weight times the loss without weights.
TEST_P(WeightedTargetsTest, ByLabelIfAsked) {
  Tensor x({19, 4});
  Random random(/*seed=*/3);
  FillUniform(-5, 5, random, x.span());
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < 19; ++n) labels.push_back(n % 4);
  const std::vector<float> weights = {0.5, 0, 2, 4};
  const LossKind kind =
      CrossEntropySpec{.label_smoothing = 0.2, .weigh_by_label = true};
  const LossAndGradient weighted = RunLoss(
      **MakeLossKernel(GetParam(), {.kind = kind, .class_weights = weights},
                       {4}, 19),
      x, labels, 1);
  const LossAndGradient plain = RunLoss(
      **MakeLossKernel(GetParam(), {.kind = kind}, {4}, 19), x, labels, 1);
  for (int64_t n = 0; n < 19; ++n) {
    const float weight = weights[labels[n]];
    EXPECT_EQ(weighted.losses.data()[n], weight * plain.losses.data()[n]);
    for (int64_t k = 0; k < 4; ++k) {
      EXPECT_EQ(weighted.dx.data()[n * 4 + k],
                weight * plain.dx.data()[n * 4 + k]);
    }
  }
}

TEST_P(WeightedTargetsTest, WeightsOfOneChangeNothing) {
  Tensor x({19, 5});
  Random random(/*seed=*/3);
  FillUniform(-1e4, 1e4, random, x.span());
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < 19; ++n) labels.push_back(n % 5);
  const LossKind kind = CrossEntropySpec{.label_smoothing = 0.2};
  // XNNPACK's cross-entropy has no such weights.
  const Backend plain_backend =
      GetParam() == Backend::kXnnpack ? Backend::kReference : GetParam();
  const LossAndGradient plain =
      RunLoss(**MakeLossKernel(plain_backend, {.kind = kind}, {5}, 19), x,
              labels, 0.5f);
  const LossAndGradient weighted =
      RunLoss(**MakeLossKernel(GetParam(),
                               {.kind = kind, .class_weights = {1, 1, 1, 1, 1}},
                               {5}, 19),
              x, labels, 0.5f);
  LENSLET_EXPECT_OK(AllClose(weighted.losses, plain.losses));
  LENSLET_EXPECT_OK(AllClose(weighted.dx, plain.dx));
}

TEST_P(WeightedTargetsTest, AgreesWithReference) {
  for (const double label_smoothing : {0.1, 0.9}) {
    SCOPED_TRACE(label_smoothing);
    const LossFactory make = [&](Backend backend, int64_t classes,
                                 int64_t images) {
      std::vector<float> weights;
      for (int64_t k = 0; k < classes; ++k) {
        weights.push_back(static_cast<float>((k + 1) % 3));
      }
      return MakeLossKernel(
          backend,
          {.kind = CrossEntropySpec{.label_smoothing = label_smoothing},
           .class_weights = weights},
          {classes}, images);
    };
    // As without weights, with three more products; weights are up to 2.
    CheckLossAgainstReference(
        make, GetParam(), [](int64_t classes) { return 12.0 + 2.0 * classes; },
        /*absolute=*/2, /*gradient_absolute=*/0.5);
  }
}

TEST_P(WeightedTargetsTest, Gradient) {
  Tensor x({3, 4});
  Random random(/*seed=*/9);
  FillUniform(-2, 2, random, x.span());
  // Weights up to 3 multiply the third derivative of log-sum-exp, below 1/4,
  // and the roundings of some 20 operations with numbers up to 6.
  CheckLossGradient(
      **MakeLossKernel(GetParam(),
                       {.kind = CrossEntropySpec{.label_smoothing = 0.2},
                        .class_weights = {0, 3, 1, 0.5}},
                       {4}, 3),
      std::move(x), {3, 0, 1}, /*step=*/0x1p-6, /*third_derivative=*/3 * 0.25,
      /*roundings=*/3 * 6 * 20);
}

TEST_P(WeightedTargetsTest, OfLargeScoresAndNaN) {
  const LossAndGradient result = RunLoss(
      **MakeLossKernel(GetParam(),
                       {.kind = CrossEntropySpec{.label_smoothing = 0.5},
                        .class_weights = {4, 8}},
                       {2}, 3),
      Tensor::Of({3, 2}, {1e30f, -1e30f, 1e30f, -1e30f, NAN, 0}),
      std::vector<int32_t>{0, 1, 1}, 1);
  // Weighted targets: 3 and 2, 1 and 6. A gap of 2e30 costs the second.
  EXPECT_FLOAT_EQ(result.losses.data()[0], 4e30f);
  EXPECT_FLOAT_EQ(result.losses.data()[1], 12e30f);
  EXPECT_TRUE(std::isnan(result.losses.data()[2]));
  EXPECT_FLOAT_EQ(result.dx.data()[0], 2);
  EXPECT_FLOAT_EQ(result.dx.data()[1], -2);
  EXPECT_FLOAT_EQ(result.dx.data()[2], 6);
  EXPECT_FLOAT_EQ(result.dx.data()[3], -6);
}

}  // namespace
}  // namespace lenslet
