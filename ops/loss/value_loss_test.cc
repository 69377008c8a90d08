// Losses of labels and values.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/ops/testing/loss_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr float kInfinity = INFINITY;

// Each loss, what bounds its numerical errors, and an example by hand.
struct ValueLoss {
  std::string name;
  LossKind kind;
  TargetKind target;
  // Roundings of one number's loss or derivative, relative to `absolute` and
  // `gradient_absolute`, for scores and targets in [-5, 5].
  double roundings;
  double absolute;
  double gradient_absolute;
  // Bounds the third derivative of one number's loss, away from kinks.
  double third_derivative;
  // Three images of two numbers each: the losses, and the gradients of four
  // times their sum.
  std::vector<float> x;
  std::vector<float> t;
  std::vector<float> losses;
  std::vector<float> dx;
};

std::vector<ValueLoss> ValueLosses() {
  std::vector<ValueLoss> losses;
  // x - t:   1 -3      0 1/2      -2 0
  // loss:    (1 + 9) / 2,   (0 + 1/4) / 2,   4 / 2;   dx: 4 * 2 * error / 2
  losses.push_back({.name = "squared",
                    .kind = MeanSquaredErrorSpec(),
                    .target = TargetKind::kValues,
                    // A difference, exact or up to 10, its square, the mean.
                    .roundings = 5,
                    .absolute = 0,
                    .gradient_absolute = 0,
                    .third_derivative = 0,
                    .x = {2, -1, 3, 1, -4, 5},
                    .t = {1, 2, 3, 0.5, -2, 5},
                    .losses = {5, 0.125, 2},
                    .dx = {4, -12, 0, 2, -8, 0}});
  // The same errors. loss: (1 + 3) / 2, 1/2 / 2, 2 / 2; dx: 4 * sign / 2
  losses.push_back({.name = "absolute",
                    .kind = MeanAbsoluteErrorSpec(),
                    .target = TargetKind::kValues,
                    .roundings = 3,
                    .absolute = 0,
                    .gradient_absolute = 0,
                    .third_derivative = 0,
                    .x = {2, -1, 3, 1, -4, 5},
                    .t = {1, 2, 3, 0.5, -2, 5},
                    .losses = {2, 0.25, 1},
                    .dx = {2, -2, 0, 2, -2, 0}});
  // The same errors. loss: (1/2 + 3 - 1/2) / 2, 1/8 / 2, (2 - 1/2) / 2;
  // dx: 4 * (error, cut to 1) / 2
  losses.push_back({.name = "huber",
                    .kind = HuberSpec(),
                    .target = TargetKind::kValues,
                    .roundings = 6,
                    .absolute = 10,
                    .gradient_absolute = 0,
                    .third_derivative = 0,
                    .x = {2, -1, 3, 1, -4, 5},
                    .t = {1, 2, 3, 0.5, -2, 5},
                    .losses = {1.5, 0.0625, 0.75},
                    .dx = {2, -2, 0, 1, -2, 0}});
  // With a delta of 2, loss: (1/2 + 2 (3 - 1)) / 2, 1/8 / 2, 2 (2 - 1) / 2
  losses.push_back({.name = "huber_2",
                    .kind = HuberSpec{.delta = 2},
                    .target = TargetKind::kValues,
                    .roundings = 6,
                    .absolute = 20,
                    .gradient_absolute = 0,
                    .third_derivative = 0,
                    .x = {2, -1, 3, 1, -4, 5},
                    .t = {1, 2, 3, 0.5, -2, 5},
                    .losses = {2.25, 0.0625, 1},
                    .dx = {2, -4, 0, 1, -4, 0}});
  // p is 3/4, 1/2; 3/4, 1/2; 1/4, 1/4. loss: (log 4/3 + log 2) / 2,
  // (log 4 + log 2) / 2, (log 4 + log 4/3) / 2; dx: 4 * (p - t) / 2
  const float log2 = std::log(2.0f);
  const float log3 = std::log(3.0f);
  const float log4 = 2 * log2;
  const float log4_3 = log4 - log3;
  losses.push_back(
      {.name = "sigmoid",
       .kind = SigmoidCrossEntropySpec(),
       .target = TargetKind::kLabels,
       // 17 of the logarithm or the probability, 1 - t, products,
       // a sum and the mean.
       .roundings = 24,
       .absolute = 0,
       .gradient_absolute = 1,
       .third_derivative = 0.1,
       .x = {log3, 0, log3, 0, -log3, -log3},
       .t = {1, 0, 0, 0.5, 1, 0},
       .losses = {(log4_3 + log2) / 2, 1.5f * log2, (log4 + log4_3) / 2},
       .dx = {-0.5, 1, 1.5, 0, -1.5, 0.5}});
  // The same, with the part of t times 3 and 2.
  losses.push_back({.name = "sigmoid_weighted",
                    .kind = SigmoidCrossEntropySpec{.positive_weights = {3, 2}},
                    .target = TargetKind::kLabels,
                    .roundings = 24,
                    .absolute = 0,
                    .gradient_absolute = 3,
                    .third_derivative = 3 * 0.1,
                    .x = {log3, 0, log3, 0, -log3, -log3},
                    .t = {1, 0, 0, 0.5, 1, 0},
                    .losses = {(3 * log4_3 + log2) / 2, 1.75f * log2,
                               (3 * log4 + log4_3) / 2},
                    .dx = {-1.5, 1, 1.5, -0.5, -4.5, 0.5}});
  // The losses have the factors 1/16, 1/4, 9/16, 1/4, 9/16, 1/16; the
  // derivatives, (1 - p)^2 (1 - p - 2 p log p) for t = 1:
  const float easy = (0.25f + 1.5f * log4_3) / 16;
  const float even = (0.5f + log2) / 4;
  const float hard = (0.75f + 0.5f * log4) * 9 / 16;
  // For exponents z up to 10: the exponential has 8 roundings, and 18 z of its
  // argument, but z e^-z is below 1/2; the loss it is multiplied by is below 6,
  // its 2 p log p below 1. All else has 17 + 17 and a few roundings.
  constexpr double kFocalRoundings = 48;
  losses.push_back(
      {.name = "sigmoid_focal",
       .kind = SigmoidFocalSpec(),
       .target = TargetKind::kLabels,
       .roundings = kFocalRoundings,
       .absolute = 2,
       .gradient_absolute = 1,
       .third_derivative = 0.33,  // The largest on a fine grid.
       .x = {log3, 0, log3, 0, -log3, -log3},
       .t = {1, 0, 0, 0.5, 1, 0},
       .losses = {(log4_3 / 16 + log2 / 4) / 2, (log4 * 9 / 16 + log2 / 4) / 2,
                  (log4 * 9 / 16 + log4_3 / 16) / 2},
       .dx = {-2 * easy, 2 * even, 2 * hard, 0, -2 * hard, 2 * easy}});
  // The same, with 1/4 of the part of t and 3/4 of that of 1 - t.
  losses.push_back({.name = "sigmoid_focal_alpha",
                    .kind = SigmoidFocalSpec{.gamma = 2, .alpha = 0.25},
                    .target = TargetKind::kLabels,
                    .roundings = kFocalRoundings,
                    .absolute = 2,
                    .gradient_absolute = 1,
                    .third_derivative = 0.33,  // The largest on a fine grid.
                    .x = {log3, 0, log3, 0, -log3, -log3},
                    .t = {1, 0, 0, 0.5, 1, 0},
                    .losses = {(log4_3 / 64 + log2 * 3 / 16) / 2,
                               (log4 * 27 / 64 + log2 / 8) / 2,
                               (log4 * 9 / 64 + log4_3 * 3 / 64) / 2},
                    .dx = {-0.5f * easy, 1.5f * even, 1.5f * hard, 0.5f * even,
                           -0.5f * hard, 1.5f * easy}});
  // A gamma of 0: half the sigmoid cross-entropy.
  losses.push_back(
      {.name = "sigmoid_focal_0",
       .kind = SigmoidFocalSpec{.gamma = 0, .alpha = 0.5},
       .target = TargetKind::kLabels,
       .roundings = kFocalRoundings,
       .absolute = 0,
       .gradient_absolute = 1,
       .third_derivative = 0.1,
       .x = {log3, 0, log3, 0, -log3, -log3},
       .t = {1, 0, 0, 0.5, 1, 0},
       .losses = {(log4_3 + log2) / 4, 0.75f * log2, (log4 + log4_3) / 4},
       .dx = {-0.25, 0.5, 0.75, 0, -0.75, 0.25}});
  return losses;
}

// With as many positive weights as outputs, if it has any.
LossSpec SpecFor(LossKind kind, int64_t outputs) {
  if (auto* spec = std::get_if<SigmoidCrossEntropySpec>(&kind)) {
    std::vector<float>& weights = spec->positive_weights;
    const size_t count = weights.size();
    if (count != 0) weights.resize(outputs);
    for (size_t i = count; i < weights.size(); ++i) {
      weights[i] = weights[i - count];
    }
  }
  return {.kind = kind};
}

template <typename... Specs>
std::vector<std::string> NamesOfValueLosses(
    std::type_identity<std::variant<Specs...>>) {
  std::vector<std::string> names;
  const auto add = [&](auto spec) {
    if (spec.kTakesValues) names.push_back(std::string(spec.kName));
  };
  (add(Specs()), ...);
  return names;
}

TEST(ValueLossTest, TestsCoverEachLoss) {
  for (const std::string& name :
       NamesOfValueLosses(std::type_identity<LossKind>())) {
    const std::vector<ValueLoss> losses = ValueLosses();
    EXPECT_TRUE(std::any_of(
        losses.begin(), losses.end(),
        [&](const ValueLoss& loss) { return Name(loss.kind) == name; }))
        << name;
  }
}

struct ValueCase {
  Backend backend;
  ValueLoss loss;
};

std::vector<ValueCase> Cases() {
  std::vector<ValueCase> cases;
  for (const Backend backend : kBackends) {
    for (const ValueLoss& loss : ValueLosses())
      cases.push_back({backend, loss});
  }
  return cases;
}

Tensor TensorOf(const Shape& shape, const std::vector<float>& values) {
  Tensor tensor(shape);
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

class ValueLossTest : public ::testing::TestWithParam<ValueCase> {
 protected:
  const ValueLoss& loss() const { return GetParam().loss; }

  std::unique_ptr<LossKernel> Make(const Shape& output, int64_t images) const {
    return *MakeLossKernel(GetParam().backend,
                           SpecFor(loss().kind, output.dim(output.rank() - 1)),
                           output, images, loss().target);
  }

  LossAndGradient Run(const Tensor& x, const Tensor& t, float scale) const {
    return RunLoss(
        *Make(*Shape::Create(x.shape().dims().subspan(1)), x.shape().dim(0)), x,
        TestTargets{
            .classes = {},
            .values = TensorOf(t.shape(), {t.span().begin(), t.span().end()})},
        scale);
  }

  Tolerance tolerance() const {
    const double unit = loss().roundings * 0x1p-24;
    return {.absolute = unit * loss().absolute, .relative = unit};
  }
};

INSTANTIATE_TEST_SUITE_P(BackendsAndLosses, ValueLossTest,
                         ::testing::ValuesIn(Cases()), [](const auto& info) {
                           return absl::StrCat(Name(info.param.backend), "_",
                                               info.param.loss.name);
                         });

TEST_P(ValueLossTest, ByHand) {
  for (const Shape& shape : {Shape{3, 2}, Shape{3, 1, 1, 2}}) {
    const LossAndGradient result =
        Run(TensorOf(shape, loss().x), TensorOf(shape, loss().t), 4);
    LENSLET_EXPECT_OK(
        AllClose(result.losses, TensorOf({3}, loss().losses), tolerance()));
    LENSLET_EXPECT_OK(
        AllClose(result.dx, TensorOf(shape, loss().dx), tolerance()));
  }
}

TEST_P(ValueLossTest, AgreesWithReference) {
  const LossFactory make = [&](Backend backend, int64_t outputs,
                               int64_t images) {
    return MakeLossKernel(backend, SpecFor(loss().kind, outputs), {outputs},
                          images, loss().target);
  };
  // Sums of up to 256 terms, none of them negative, are in float; their sum is
  // not.
  CheckLossAgainstReference(make, GetParam().backend, loss().target,
                            {.roundings =
                                 [&](int64_t outputs) {
                                   return loss().roundings +
                                          std::min<int64_t>(outputs, 256);
                                 },
                             .absolute = loss().absolute,
                             .gradient_absolute = loss().gradient_absolute});
}

// No error is nearer to 0, 1 and 2, the kinks, than 1/8.
TEST_P(ValueLossTest, Gradient) {
  constexpr int64_t kOutputs = 5;
  Random random(/*seed=*/9);
  Tensor x({3, kOutputs});
  Tensor t({3, kOutputs});
  for (int64_t i = 0; i < 3 * kOutputs; ++i) {
    const float whole = static_cast<float>(random.Below(5)) - 2;
    const float between = 0.125f + 0.75f * static_cast<float>(i) / 14;
    t.data()[i] = loss().target == TargetKind::kLabels
                      ? static_cast<float>(i) / 14
                      : static_cast<float>(random.Below(7)) - 3;
    x.data()[i] = t.data()[i] + whole + between;
  }
  // Losses are means of five up to 9.
  CheckLossGradient(*Make({kOutputs}, 3), std::move(x),
                    TestTargets{.classes = {}, .values = std::move(t)},
                    /*step=*/0x1p-6,
                    /*third_derivative=*/loss().third_derivative / kOutputs,
                    /*roundings=*/(loss().roundings + kOutputs) * 9);
}

// Training by these losses has the same bits on all CPUs with fused
// multiply-adds.
TEST_P(ValueLossTest, HasTheSameBitsOnAllInstructionSets) {
  if (GetParam().backend != Backend::kLanes) {
    GTEST_SKIP() << "has no vector code";
  }
  Tensor x({35, 300});
  Tensor t({35, 300});
  Random random(/*seed=*/6);
  FillUniform(-100, 100, random, x.span());
  FillUniform(0, 1, random, t.span());
  std::vector<float> first;
  ForEachInstructionSet([&](const std::string& name) {
    if (!HasFusedMultiplyAdd(name)) return;
    const LossAndGradient result = Run(x, t, 0.3f);
    std::vector<float> all(result.losses.span().begin(),
                           result.losses.span().end());
    all.insert(all.end(), result.dx.span().begin(), result.dx.span().end());
    if (first.empty()) first = all;
    EXPECT_EQ(std::memcmp(first.data(), all.data(), all.size() * sizeof(float)),
              0)
        << name;
  });
}

TEST_P(ValueLossTest, ANaNIsNotHidden) {
  const LossAndGradient result =
      Run(Tensor::Of({3, 3}, {NAN, 1, 0, 0, 1, NAN, 0, 1, 0}),
          Tensor::Of({3, 3}, {1, 1, 1, 0, 0, 0, 0, 1, 1}), 1);
  EXPECT_TRUE(std::isnan(result.losses.data()[0]));
  EXPECT_TRUE(std::isnan(result.losses.data()[1]));
  EXPECT_TRUE(std::isfinite(result.losses.data()[2]));
}

TEST_P(ValueLossTest, TheSimpleCall) {
  const Tensor x = TensorOf({3, 2}, loss().x);
  const Tensor t = TensorOf({3, 2}, loss().t);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor losses,
      ComputeLosses(x, t, {.kind = loss().kind}, GetParam().backend));
  LENSLET_EXPECT_OK(AllClose(losses, Run(x, t, 1).losses));
}

TEST_P(ValueLossTest, SumsOfManyNumbersKeepTheirDigits) {
  constexpr int64_t kElements = 100000;
  Tensor x({1, kElements});
  Tensor t({1, kElements});
  for (float& value : x.span()) value = 0.7f;
  for (float& value : t.span()) value = 0.1f;
  const float one =
      Run(Tensor::Of({1, 2}, {0.7f, 0.7f}), Tensor::Of({1, 2}, {0.1f, 0.1f}), 1)
          .losses.data()[0];
  EXPECT_NEAR(Run(x, t, 1).losses.data()[0], one, one * 256 * 0x1p-24);
}

TEST_P(ValueLossTest, RejectsWhatItDoesNotTake) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const LossSpec spec = {.kind = loss().kind};
  EXPECT_THAT(CheckLoss({.kind = loss().kind, .class_weights = {1, 2}},
                        TargetKind::kValues, {2}),
              StatusIs(code, HasSubstr("class_weight is given, and the "
                                       "targets are values; expected")));
  EXPECT_THAT(
      CheckLoss(SpecFor(loss().kind, 0), TargetKind::kValues, {3, 0}),
      StatusIs(code, HasSubstr("over an output of shape [3, 0], which")));
  EXPECT_THAT(ComputeLosses(Tensor({2, 3}), Tensor({3, 2}), spec),
              StatusIs(code, HasSubstr("targets are float32 [3, 2]; expected "
                                       "float32 [2, 3], one for each")));
  EXPECT_THAT(ComputeLosses(Tensor({3}), Tensor({3}), spec),
              StatusIs(code, HasSubstr("x is float32 [3]; expected float32 "
                                       "[N, outputs]")));
  LENSLET_EXPECT_OK(CheckLoss(spec, TargetKind::kLabels, {2}));
  LENSLET_EXPECT_OK(
      CheckLoss(SpecFor(loss().kind, 1), TargetKind::kValues, {}));
  if (Takes(spec.kind, TargetKind::kClasses)) return;
  for (const Backend backend : kBackends) {
    EXPECT_THAT(
        MakeLossKernel(backend, spec, {3}, 1),
        StatusIs(code, absl::StrCat(Name(spec.kind),
                                    " takes labels or values, and the targets "
                                    "are classes; expected a loss of classes, "
                                    "such as cross_entropy")));
  }
}

// Errors of 1e30 and of infinity.
TEST(ExtremeValuesTest, OfEachBackend) {
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(Name(backend));
    const auto run = [&](const LossKind& kind) {
      return RunLoss(**MakeLossKernel(backend, {.kind = kind}, {1}, 4,
                                      TargetKind::kValues),
                     Tensor::Of({4, 1}, {1e30f, -1e30f, kInfinity, -kInfinity}),
                     TestTargets{.classes = {}, .values = Tensor({4, 1})}, 1);
    };
    const LossAndGradient squared = run(MeanSquaredErrorSpec());
    LENSLET_EXPECT_OK(AllClose(
        squared.losses,
        Tensor::Of({4}, {kInfinity, kInfinity, kInfinity, kInfinity})));
    LENSLET_EXPECT_OK(
        AllClose(squared.dx,
                 Tensor::Of({4, 1}, {2e30f, -2e30f, kInfinity, -kInfinity})));
    const LossAndGradient absolute = run(MeanAbsoluteErrorSpec());
    LENSLET_EXPECT_OK(
        AllClose(absolute.losses,
                 Tensor::Of({4}, {1e30f, 1e30f, kInfinity, kInfinity})));
    LENSLET_EXPECT_OK(
        AllClose(absolute.dx, Tensor::Of({4, 1}, {1, -1, 1, -1})));
    const LossAndGradient huber = run(HuberSpec{.delta = 2});
    LENSLET_EXPECT_OK(AllClose(
        huber.losses, Tensor::Of({4}, {2e30f, 2e30f, kInfinity, kInfinity})));
    LENSLET_EXPECT_OK(AllClose(huber.dx, Tensor::Of({4, 1}, {2, -2, 2, -2})));
  }
}

TEST(ExtremeScoresTest, OfEachBackend) {
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(Name(backend));
    for (const LossKind& kind :
         {LossKind(SigmoidCrossEntropySpec()), LossKind(SigmoidFocalSpec()),
          LossKind(SigmoidFocalSpec{.gamma = 0.5})}) {
      SCOPED_TRACE(Name(kind));
      const LossAndGradient result =
          RunLoss(**MakeLossKernel(backend, {.kind = kind}, {1}, 6,
                                   TargetKind::kLabels),
                  Tensor::Of({6, 1}, {3e38f, -3e38f, 3e38f, -3e38f, 200, -200}),
                  TestTargets{.classes = {},
                              .values = Tensor::Of({6, 1}, {0, 0, 1, 1, 0, 1})},
                  1);
      const Tolerance tolerance = {.absolute = 1e-15, .relative = 2 * 0x1p-24};
      LENSLET_EXPECT_OK(
          AllClose(result.losses,
                   Tensor::Of({6}, {3e38f, 0, 0, 3e38f, 200, 200}), tolerance));
      LENSLET_EXPECT_OK(AllClose(
          result.dx, Tensor::Of({6, 1}, {1, 0, 0, -1, 1, -1}), tolerance));
    }
  }
}

TEST(SigmoidCrossEntropyTest, EachLabelHasItsWeight) {
  const LossKind kind = SigmoidCrossEntropySpec{.positive_weights = {0, 1, 5}};
  for (const Backend backend : kBackends) {
    const LossAndGradient result = RunLoss(
        **MakeLossKernel(backend, {.kind = kind}, {2, 3}, 1,
                         TargetKind::kLabels),
        Tensor({1, 2, 3}),
        TestTargets{.classes = {},
                    .values = Tensor::Of({1, 2, 3}, {1, 1, 1, 0, 1, 1})},
        6);
    const float log2 = std::log(2.0f);
    LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({1}, {13 * log2 / 6}),
                               {.relative = 24 * 0x1p-24}));
    LENSLET_EXPECT_OK(AllClose(
        result.dx, Tensor::Of({1, 2, 3}, {0, -0.5, -2.5, 0.5, -0.5, -2.5}),
        {.relative = 24 * 0x1p-24}));
  }
}

TEST(ValueLossRejectedTest, NamesTheFieldAndItsValue) {
  const auto expect_rejected = [](const LossKind& kind,
                                  const std::string& message) {
    EXPECT_THAT(CheckLoss({.kind = kind}, TargetKind::kLabels, {3}),
                StatusIs(absl::StatusCode::kInvalidArgument, message));
  };
  expect_rejected(SigmoidCrossEntropySpec{.positive_weights = {1, 2}},
                  "positive_weight has 2 numbers; expected 3, one for each "
                  "label");
  expect_rejected(SigmoidCrossEntropySpec{.positive_weights = {1, -2, 3}},
                  "positive_weight[1] is -2; expected a finite number of at "
                  "least 0");
  expect_rejected(SigmoidCrossEntropySpec{.positive_weights = {1, 2, INFINITY}},
                  "positive_weight[2] is inf; expected a finite number of at "
                  "least 0");
  for (double gamma : {-1.0, 1e39, double{INFINITY}, double{NAN}}) {
    expect_rejected(
        SigmoidFocalSpec{.gamma = gamma},
        absl::StrCat("gamma is ", gamma, "; expected a float of at least 0"));
  }
  for (double alpha : {-0.1, 1.1, double{NAN}}) {
    expect_rejected(
        SigmoidFocalSpec{.alpha = alpha},
        absl::StrCat("alpha is ", alpha, "; expected a number in [0, 1]"));
  }
  for (double delta : {0.0, -1.0, 1e39, double{INFINITY}, double{NAN}}) {
    EXPECT_THAT(CheckLoss({.kind = HuberSpec{.delta = delta}}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("delta is ", delta,
                                      "; expected a positive float")));
  }
}

TEST(ValueLossCostTest, IsOfOneImage) {
  const Cost cost =
      *ComputeCost({.kind = HuberSpec()}, TargetKind::kValues, {4, 5});
  EXPECT_EQ(cost.other_operations, 20 * 5);
  EXPECT_EQ(cost.bytes(), (2 * 20 + 1) * 4);
  const auto operations = [](const LossKind& kind) {
    return ComputeCost({.kind = kind}, TargetKind::kLabels, {7})
        ->other_operations;
  };
  EXPECT_EQ(operations(MeanSquaredErrorSpec()), 7 * 3);
  EXPECT_EQ(operations(MeanAbsoluteErrorSpec()), 7 * 3);
  EXPECT_EQ(operations(SigmoidCrossEntropySpec()), 7 * 10);
  EXPECT_EQ(operations(SigmoidFocalSpec()), 7 * 20);
}

}  // namespace
}  // namespace lenslet
