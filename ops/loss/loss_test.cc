#include "lenslet/ops/loss/loss.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/loss_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

LossAndGradient ComputeLoss(Backend backend, const LossSpec& spec,
                            const Tensor& x, const std::vector<int32_t>& labels,
                            float scale) {
  return RunLoss(
      **MakeLoss(backend, spec, {x.shape().dim(1)}, x.shape().dim(0)), x,
      labels, scale);
}

struct LossCase {
  Backend backend;
  LossKind kind;
};

std::vector<LossCase> Cases() {
  std::vector<LossCase> cases;
  for (Backend backend : kBackends) {
    for (LossKind kind : kLossKinds) cases.push_back({backend, kind});
  }
  return cases;
}

class LossTest : public ::testing::TestWithParam<LossCase> {
 protected:
  // With label smoothing, where there is such a thing.
  LossSpec Spec(std::vector<float> weights) const {
    const bool smooth = GetParam().kind == LossKind::kCrossEntropy;
    return {.kind = GetParam().kind,
            .label_smoothing = smooth ? 0.2 : 0,
            .margin = 0.625,
            .class_weights = std::move(weights)};
  }
};

INSTANTIATE_TEST_SUITE_P(BackendsAndKinds, LossTest,
                         ::testing::ValuesIn(Cases()), [](const auto& info) {
                           return absl::StrCat(Name(info.param.backend), "_",
                                               Name(info.param.kind));
                         });

constexpr Tolerance kFewRoundings = {.absolute = 8 * 0x1p-24,
                                     .relative = 8 * 0x1p-24};

//   scores            label  weight  loss          gradient
//   log 1 2 5         2      3       log(8/5)      1/8  2/8 -3/8
//   (cross-entropy)   0      0
//   1 0 1/2           1      2       3/4           2/3 -2/3  1/3
//   (squared error)   0      0
//   2 1 3/2           1      2       2             1 -1 0
//   (hinge)           0      0
//
// Loss and gradient are then multiplied by the weight; the gradients here are
// of three times the losses.
TEST_P(LossTest, ByHandWithWeights) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  LossSpec spec = {.kind = GetParam().kind, .class_weights = {0, 2, 3}};
  Tensor x;
  int32_t label = 1;
  std::vector<float> expected_dx;
  float expected_loss = 0;
  switch (spec.kind) {
    case LossKind::kCrossEntropy:
      x = Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5});
      label = 2;
      expected_loss = 3 * std::log(1.6f);
      expected_dx = {1.125, 2.25, -3.375};
      break;
    case LossKind::kMeanSquaredError:
      x = Tensor::Of({2, 3}, {1, 0, 0.5, 1, 0, 0.5});
      expected_loss = 1.5;
      expected_dx = {4, -4, 2};
      break;
    case LossKind::kHinge:
      x = Tensor::Of({2, 3}, {2, 1, 1.5, 2, 1, 1.5});
      expected_loss = 4;
      expected_dx = {6, -6, 0};
      break;
  }
  const LossAndGradient result =
      ComputeLoss(GetParam().backend, spec, x, {label, 0}, 3);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {expected_loss, 0}),
                             {.relative = kFewRoundings.relative}));
  LENSLET_EXPECT_OK(AllClose(result.dx,
                             Tensor::Of({2, 3}, {expected_dx[0], expected_dx[1],
                                                 expected_dx[2], 0, 0, 0}),
                             {.relative = kFewRoundings.relative}));
}

TEST_P(LossTest, WeightsOfOneChangeNothing) {
  Tensor x({19, 5});
  Random random(/*seed=*/3);
  FillUniform(-1e4, 1e4, random, x.span());
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < 19; ++n) labels.push_back(n % 5);
  const LossAndGradient plain =
      ComputeLoss(GetParam().backend, Spec({}), x, labels, 0.5f);
  const LossAndGradient weighted =
      ComputeLoss(GetParam().backend, Spec({1, 1, 1, 1, 1}), x, labels, 0.5f);
  LENSLET_EXPECT_OK(AllClose(weighted.losses, plain.losses));
  LENSLET_EXPECT_OK(AllClose(weighted.dx, plain.dx));
}

TEST_P(LossTest, ANaNIsNotHidden) {
  const Tensor x =
      Tensor::Of({4, 3}, {NAN, 1, 0, 0, NAN, 1, 1, 0, NAN, 0, 1, 2});
  const LossAndGradient result =
      ComputeLoss(GetParam().backend, Spec({1, 0, 2}), x, {1, 1, 0, 1}, 1);
  for (int n : {0, 1, 2}) {
    EXPECT_TRUE(std::isnan(result.losses.data()[n])) << n;
  }
  EXPECT_EQ(result.losses.data()[3], 0);
}

TEST_P(LossTest, AgreesWithReference) {
  const LossFactory make = [&](Backend backend, int64_t classes,
                               int64_t images) {
    std::vector<float> weights;
    for (int64_t k = 0; k < classes; ++k) {
      weights.push_back(static_cast<float>((k + 1) % 3));
    }
    return MakeLoss(backend, Spec(weights), {classes}, images);
  };
  // The exponential's 8 roundings, or fewer operations, and a sum of so many
  // terms; losses are of numbers up to 10, gradients of ones up to 1/4 in
  // weights up to 2.
  CheckLossAgainstReference(
      make, GetParam().backend, [](int64_t classes) { return 12.0 + classes; },
      /*absolute=*/20, /*gradient_absolute=*/0.5);
}

// Scores apart by 1/4, and a margin that is no multiple of it: no kink of the
// hinge loss is as near as the step.
TEST_P(LossTest, Gradient) {
  const Tensor x = Tensor::Of(
      {4, 4}, {0.5, 0.25, 1, 0, 0.75, 0, 0.25, 1, 0, 0.5, 1, 0.25, 2, 0, 1, 3});
  Tensor scores(x.shape());
  for (int i = 0; i < 16; ++i) scores.data()[i] = x.data()[i];
  // Weights up to 3 multiply the third derivative of log-sum-exp, below 1/4,
  // and the roundings of some 16 operations with numbers up to 4.
  CheckLossGradient(
      **MakeLoss(GetParam().backend, Spec({0, 1, 0.5, 3}), {4}, 4),
      std::move(scores), {0, 1, 2, 3}, /*step=*/0x1p-6,
      /*third_derivative=*/3 * 0.25, /*roundings=*/3 * 4 * 16);
}

TEST(LossRejectedTest, NamesTheFieldAndItsValue) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const double nan = NAN;
  const auto expect_rejected = [&](const LossSpec& spec,
                                   const std::string& message) {
    EXPECT_THAT(CheckLoss(spec, 3), StatusIs(code, HasSubstr(message)));
    for (Backend backend : kBackends) {
      EXPECT_THAT(MakeLoss(backend, spec, {3}, 1),
                  StatusIs(code, HasSubstr(message)));
    }
  };
  expect_rejected({.label_smoothing = 1},
                  "label_smoothing is 1, which is not in [0, 1)");
  expect_rejected({.label_smoothing = -0.1},
                  "label_smoothing is -0.1, which is not in");
  expect_rejected({.label_smoothing = nan},
                  "label_smoothing is nan, which is not in");
  expect_rejected({.kind = LossKind::kHinge, .label_smoothing = 0.1},
                  "label_smoothing is 0.1, which hinge does not have");
  expect_rejected(
      {.kind = LossKind::kMeanSquaredError, .label_smoothing = 0.1},
      "label_smoothing is 0.1, which mean_squared_error does not have");
  expect_rejected({.kind = LossKind::kHinge, .margin = 0},
                  "margin is 0, a positive float is needed");
  expect_rejected({.class_weights = {1, 2}}, "2 class_weights for 3 classes");
  expect_rejected(
      {.class_weights = {1, -2, 1}},
      "class_weights[1] is -2, a finite number of at least 0 is needed");
  expect_rejected({.class_weights = {1, 2, INFINITY}},
                  "class_weights[2] is inf, a finite");
  expect_rejected({.class_weights = {NAN, 2, 1}},
                  "class_weights[0] is nan, a finite");
  expect_rejected({.class_weights = {0, 0, 0}}, "class_weights are all 0");
  for (LossKind kind : kLossKinds) {
    for (int64_t classes : {0, -1}) {
      EXPECT_THAT(CheckLoss({.kind = kind}, classes),
                  StatusIs(code, HasSubstr(absl::StrCat(
                                     Name(kind), " over ", classes,
                                     " classes, at least 1 is needed"))));
    }
    EXPECT_THAT(MakeLoss(Backend::kLanes, {.kind = kind}, {3, 1}, 1),
                StatusIs(code, HasSubstr("scores have shape [3, 1], [classes] "
                                         "is needed")));
    LENSLET_EXPECT_OK(CheckLoss({.kind = kind, .class_weights = {0, 1}}, 2));
  }
}

}  // namespace
}  // namespace lenslet
