// Losses of outputs with a class for each position.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
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

using ::testing::HasSubstr;

template <typename... Specs>
std::vector<LossKind> ClassLosses(std::type_identity<std::variant<Specs...>>) {
  std::vector<LossKind> losses;
  const auto add = [&](auto spec) {
    if (spec.kTakesClasses) losses.push_back(spec);
  };
  (add(Specs()), ...);
  return losses;
}

struct PositionsCase {
  Backend backend;
  LossSpec loss;
};

std::vector<PositionsCase> Cases() {
  std::vector<PositionsCase> cases;
  for (const Backend backend : kBackends) {
    for (const LossKind& kind : ClassLosses(std::type_identity<LossKind>())) {
      cases.push_back({backend, {.kind = kind}});
      cases.push_back(
          {backend, {.kind = kind, .class_weights = {1, 0, 2, 0.5}}});
    }
  }
  return cases;
}

class LossOfPositionsTest : public ::testing::TestWithParam<PositionsCase> {};

INSTANTIATE_TEST_SUITE_P(BackendsAndLosses, LossOfPositionsTest,
                         ::testing::ValuesIn(Cases()), [](const auto& info) {
                           return absl::StrCat(
                               Name(info.param.backend), "_",
                               Name(info.param.loss.kind),
                               info.param.loss.class_weights.empty()
                                   ? ""
                                   : "_weighted");
                         });

// The mean of the losses of the rows, each computed as an image.
TEST_P(LossOfPositionsTest, IsTheMeanOfItsRows) {
  const auto& [backend, spec] = GetParam();
  constexpr int64_t kPositions = 2 * 3;
  constexpr int64_t kClasses = 4;
  for (const int64_t images : {1, 5, 16, 35}) {
    SCOPED_TRACE(images);
    const int64_t rows_count = images * kPositions;
    Tensor x({images, 2, 3, kClasses});
    Tensor rows({rows_count, kClasses});
    Random random(/*seed=*/4);
    FillUniform(-3, 3, random, x.span());
    std::copy(x.span().begin(), x.span().end(), rows.data());
    std::vector<int32_t> labels;
    for (int64_t i = 0; i < rows_count; ++i) {
      labels.push_back(static_cast<int32_t>(random.Below(kClasses)));
    }
    const LossAndGradient actual =
        RunLoss(**MakeLossKernel(backend, spec, {2, 3, kClasses}, images), x,
                labels, kPositions * 0.5f);
    const LossAndGradient of_rows =
        RunLoss(**MakeLossKernel(backend, spec, {kClasses}, rows_count), rows,
                labels, 0.5f);
    for (int64_t n = 0; n < images; ++n) {
      double sum = 0;
      for (int64_t p = 0; p < kPositions; ++p) {
        sum += of_rows.losses.data()[n * kPositions + p];
      }
      EXPECT_EQ(actual.losses.data()[n], static_cast<float>(sum / kPositions));
    }
    for (int64_t i = 0; i < x.shape().elements(); ++i) {
      EXPECT_EQ(actual.dx.data()[i], of_rows.dx.data()[i]) << i;
    }
  }
}

// The same, with rows that are left out of the sum but not of the number.
TEST_P(LossOfPositionsTest, IgnoresRows) {
  const auto& [backend, spec] = GetParam();
  constexpr int64_t kPositions = 5;
  constexpr int64_t kClasses = 4;
  for (const int64_t images : {1, 17, 35}) {
    SCOPED_TRACE(images);
    Tensor x({images, kPositions, kClasses});
    Random random(/*seed=*/9);
    FillUniform(-3, 3, random, x.span());
    std::vector<int32_t> labels, some;
    for (int64_t i = 0; i < images * kPositions; ++i) {
      labels.push_back(static_cast<int32_t>(random.Below(kClasses)));
      some.push_back(random.Below(3) == 0 ? kIgnoredClass : labels.back());
    }
    // All of the first image.
    std::fill_n(some.begin(), kPositions, kIgnoredClass);
    const std::unique_ptr<LossKernel> loss =
        *MakeLossKernel(backend, spec, {kPositions, kClasses}, images);
    const LossAndGradient all = RunLoss(*loss, x, labels, 0.5f);
    const LossAndGradient counted = RunLoss(*loss, x, some, 0.5f);
    EXPECT_EQ(counted.losses.data()[0], 0);
    for (int64_t n = 0; n < images; ++n) {
      Tensor image({kPositions, kClasses});
      std::copy_n(x.data() + n * kPositions * kClasses, kPositions * kClasses,
                  image.data());
      const Tensor of_rows =
          RunLoss(**MakeLossKernel(backend, spec, {kClasses}, kPositions),
                  image,
                  {labels.begin() + n * kPositions,
                   labels.begin() + (n + 1) * kPositions},
                  1)
              .losses;
      double sum = 0;
      for (int64_t p = 0; p < kPositions; ++p) {
        if (some[n * kPositions + p] >= 0) sum += of_rows.data()[p];
      }
      EXPECT_EQ(counted.losses.data()[n], static_cast<float>(sum / kPositions));
    }
    for (int64_t i = 0; i < x.shape().elements(); ++i) {
      EXPECT_EQ(counted.dx.data()[i],
                some[i / kClasses] < 0 ? 0 : all.dx.data()[i]);
    }
  }
}

// An ignored row hides no NaN, but what overflows there does not count.
TEST_P(LossOfPositionsTest, IgnoredRowsMayBeLargeButNotNaN) {
  const auto& [backend, spec] = GetParam();
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  constexpr float kLarge = std::numeric_limits<float>::max();
  const std::vector<int32_t> labels = {kIgnoredClass};
  const std::unique_ptr<LossKernel> loss =
      *MakeLossKernel(backend, spec, {1, 1, 4}, 1);
  const LossAndGradient large = RunLoss(
      *loss, Tensor::Of({1, 1, 1, 4}, {-kLarge, kLarge, 0, 1}), labels, 1);
  EXPECT_EQ(large.losses.data()[0], 0);
  EXPECT_THAT(large.dx.span(), ::testing::Each(0));
  EXPECT_TRUE(std::isnan(
      RunLoss(*loss, Tensor::Of({1, 1, 1, 4}, {0, kNaN, 0, 1}), labels, 1)
          .losses.data()[0]));
}

// Scores apart by 1/4, in another order in each row.
TEST_P(LossOfPositionsTest, Gradient) {
  const auto& [backend, spec] = GetParam();
  constexpr int64_t kClasses = 4;
  Random random(/*seed=*/7);
  Tensor x({3, 2, kClasses});
  std::vector<int32_t> labels;
  for (int64_t row = 0; row < 6; ++row) {
    float* scores = x.data() + row * kClasses;
    for (int64_t k = 0; k < kClasses; ++k) {
      scores[k] = 0.125f + 0.25f * static_cast<float>(k);
      std::swap(scores[k], scores[random.Below(k + 1)]);
    }
    labels.push_back(row == 3 ? kIgnoredClass
                              : static_cast<int32_t>(row % kClasses));
  }
  // As for single rows: weights up to 2, losses up to 4 of some 20 operations,
  // or 360 roundings of the focal loss, and a third derivative below 1.
  CheckLossGradient(
      **MakeLossKernel(backend, spec, {2, kClasses}, 3), std::move(x), labels,
      /*step=*/0x1p-6,
      /*third_derivative=*/2, /*roundings=*/
      2 * 4 * (std::holds_alternative<FocalSpec>(spec.kind) ? 360 : 20));
}

TEST_P(LossOfPositionsTest, TheSimpleCall) {
  const auto& [backend, spec] = GetParam();
  const Tensor x = Tensor::Of({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 9});
  for (const std::vector<int32_t>& labels :
       {std::vector<int32_t>{0, 3}, std::vector<int32_t>{kIgnoredClass, 3}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor losses,
                                 ComputeLosses(x, labels, spec, backend));
    LENSLET_EXPECT_OK(AllClose(
        losses,
        RunLoss(**MakeLossKernel(backend, spec, {2, 4}, 1), x, labels, 1)
            .losses));
  }
}

// Rows with losses of log 2 and log 4; the gradient of twice their mean is
// p - one-hot.
TEST(CrossEntropyOfPositionsTest, ByHand) {
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(Name(backend));
    const float log3 = std::log(3.0f);
    const LossAndGradient result = RunLoss(
        **MakeLossKernel(backend, {}, {2, 2}, 1),
        Tensor::Of({1, 2, 2}, {0, 0, 0, log3}), std::vector<int32_t>{1, 0}, 2);
    LENSLET_EXPECT_OK(AllClose(result.losses,
                               Tensor::Of({1}, {1.5f * std::log(2.0f)}),
                               {.relative = 8 * 0x1p-24}));
    LENSLET_EXPECT_OK(AllClose(result.dx,
                               Tensor::Of({1, 2, 2}, {0.5, -0.5, -0.75, 0.75}),
                               {.relative = 8 * 0x1p-24}));
  }
}

TEST(LabelsOfPositionsTest, Rejected) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(ComputeLosses(Tensor({2, 2, 3}), std::vector<int32_t>{0, 1}),
              StatusIs(code, HasSubstr("there are 2 labels; expected 4, one "
                                       "for each row of x of shape "
                                       "[2, 2, 3]")));
  EXPECT_THAT(ComputeLosses(Tensor({1, 2, 3}), std::vector<int32_t>{0, 3}),
              StatusIs(code, HasSubstr("label 1 is 3; expected a number in "
                                       "[0, 3)")));
  EXPECT_THAT(
      ComputeLosses(Tensor({1, 3}), std::vector<int32_t>{kIgnoredClass}),
      StatusIs(code, HasSubstr("label 0 is -1; expected a number in [0, 3)")));
}

}  // namespace
}  // namespace lenslet
