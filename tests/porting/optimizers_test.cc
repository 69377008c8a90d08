// The optimizers of docs/porting.md. Each oracle is the update rule of
// PyTorch's or Keras's documentation for one number, in double.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/optimizer.h"

namespace lenslet {
namespace {

// Changes w by gradient g in step t, from 1. Keeps its state.
using Rule = std::function<void(int64_t t, double rate, double g, double& w)>;
using MakeRule = std::function<Rule()>;
using Rates = std::function<double(int64_t t)>;

constexpr int64_t kSteps = 20;
constexpr int64_t kNumbers = 10;

double ConstantRate(int64_t /*t*/) { return 0.02; }
double HalvedRate(int64_t t) { return t <= 10 ? 0.02 : 0.01; }

// For a spec that depends on the step.
using SpecOfStep = std::function<OptimizerSpec(int64_t t)>;

// The largest difference of any number after any of kSteps steps. Gradients are
// random: they do not depend on w, and so do not amplify errors.
double Difference(const SpecOfStep& spec, const MakeRule& make_rule,
                  const Rates& rates, double gradient_scale = 1) {
  std::vector<float> values = RandomNumbers(kNumbers, 1);
  std::vector<double> expected(values.begin(), values.end());
  std::vector<Rule> rules;
  for (int64_t i = 0; i < kNumbers; ++i) rules.push_back(make_rule());
  std::vector<std::vector<float>> state(StateArrays(spec(1).kind),
                                        std::vector<float>(kNumbers));
  std::vector<absl::Span<float>> views;
  for (std::vector<float>& array : state)
    views.push_back(absl::MakeSpan(array));
  double largest = 0;
  for (int64_t t = 1; t <= kSteps; ++t) {
    std::vector<float> gradients = RandomNumbers(kNumbers, 100 + t);
    for (float& g : gradients) g *= static_cast<float>(gradient_scale);
    UpdateValues(spec(t), rates(t), t, gradients, views,
                 absl::MakeSpan(values));
    for (int64_t i = 0; i < kNumbers; ++i) {
      rules[i](t, rates(t), gradients[i], expected[i]);
    }
    largest = std::max(largest, LargestDifference(values, expected));
  }
  return largest;
}

double Difference(const OptimizerSpec& spec, const MakeRule& make_rule,
                  const Rates& rates = HalvedRate) {
  return Difference([&](int64_t) { return spec; }, make_rule, rates);
}

// A step rounds w, of at most 3; its factors, which takes 8 roundings; and its
// state, whose relative error grows by 2 roundings a step. A step is at most
// 0.2: the rate times 10, the limit of a sum of gradients with momentum 0.9.
constexpr double kSame = kSteps * (3 + 0.2 * (8 + 2 * kSteps)) * kRounding;
// Clearly another rule.
constexpr double kOther = 20 * kSame;

// torch.optim.SGD; `decay` is added to the gradient.
MakeRule PytorchSgd(double momentum, double dampening, bool nesterov,
                    double decay = 0) {
  return [=] {
    return
        [=, buffer = 0.0](int64_t t, double rate, double g, double& w) mutable {
          g += decay * w;
          buffer = t == 1 ? g : momentum * buffer + (1 - dampening) * g;
          w -= rate * (nesterov ? g + momentum * buffer : buffer);
        };
  };
}

// keras.optimizers.SGD; `decay` is decoupled.
MakeRule KerasSgd(double momentum, bool nesterov, double decay = 0) {
  return [=] {
    return [=, velocity = 0.0](int64_t /*t*/, double rate, double g,
                               double& w) mutable {
      w -= w * decay * rate;
      velocity = momentum * velocity - rate * g;
      w += nesterov ? momentum * velocity - rate * g : velocity;
    };
  };
}

TEST(PortingOptimizerTest, Sgd) {
  const OptimizerSpec spec = OptimizerOnPage("optimizer { kind: SGD }");
  EXPECT_LT(Difference(spec, PytorchSgd(0, 0, false)), kSame);
  EXPECT_LT(Difference(spec, KerasSgd(0, false)), kSame);
}

TEST(PortingOptimizerTest, MomentumOfPytorch) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: MOMENTUM momentum: 0.9 }");
  EXPECT_EQ(spec.momentum, OptimizerSpec().momentum);
  EXPECT_LT(Difference(spec, PytorchSgd(0.9, 0, false)), kSame);
}

TEST(PortingOptimizerTest, MomentumOfKerasKeepsOldRates) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: MOMENTUM momentum: 0.9 }");
  EXPECT_LT(Difference(spec, KerasSgd(0.9, false), ConstantRate), kSame);
  EXPECT_GT(Difference(spec, KerasSgd(0.9, false), HalvedRate), kOther);
}

TEST(PortingOptimizerTest, NesterovOfPytorch) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: NESTEROV momentum: 0.9 }");
  EXPECT_LT(Difference(spec, PytorchSgd(0.9, 0, true)), kSame);
  EXPECT_GT(Difference(spec, PytorchSgd(0.9, 0, false)), kOther);
}

TEST(PortingOptimizerTest, NesterovOfKerasKeepsOldRates) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: NESTEROV momentum: 0.9 }");
  EXPECT_LT(Difference(spec, KerasSgd(0.9, true), ConstantRate), kSame);
  EXPECT_GT(Difference(spec, KerasSgd(0.9, true), HalvedRate), kOther);
}

// With a rate of 1 - dampening as much, and the first gradient divided by it.
TEST(PortingOptimizerTest, DampeningScalesTheRate) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: MOMENTUM momentum: 0.9 }");
  const auto scaled = [](int64_t t) { return 0.5 * ConstantRate(t); };
  const auto pytorch = [](double first) {
    return [=] {
      Rule rule = PytorchSgd(0.9, 0.5, false)();
      return [=](int64_t t, double rate, double g, double& w) mutable {
        rule(t, 2 * rate, t == 1 ? first * g : g, w);
      };
    };
  };
  EXPECT_LT(Difference(spec, pytorch(0.5), scaled), kSame);
  EXPECT_GT(Difference(spec, pytorch(1), scaled), kOther);
}

// torch.optim.Adagrad, and keras.optimizers.Adagrad with epsilon in the root.
MakeRule Adagrad(double start, double epsilon, bool epsilon_in_root,
                 double decay = 0) {
  return [=] {
    return [=, sum = start](int64_t /*t*/, double rate, double g,
                            double& w) mutable {
      g += decay * w;
      sum += g * g;
      w -= rate * g /
           (epsilon_in_root ? std::sqrt(sum + epsilon)
                            : std::sqrt(sum) + epsilon);
    };
  };
}

TEST(PortingOptimizerTest, AdagradOfPytorch) {
  const auto difference = [](const OptimizerSpec& spec) {
    return Difference([&](int64_t) { return spec; }, Adagrad(0, 1e-10, false),
                      ConstantRate, 1e-8);
  };
  EXPECT_LT(
      difference(OptimizerOnPage("optimizer { kind: ADAGRAD epsilon: 1e-10 }")),
      kSame);
  // The default matters for tiny gradients.
  EXPECT_GT(difference({.kind = OptimizerKind::kAdagrad}), kOther);
}

TEST(PortingOptimizerTest, AdagradOfKerasStartsAtATenth) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: ADAGRAD epsilon: 1e-10 }");
  EXPECT_GT(Difference(spec, Adagrad(0.1, 1e-7, true)), kOther);
  EXPECT_LT(Difference(spec, Adagrad(0, 1e-20, true)), kSame);
}

MakeRule Rmsprop(double alpha, double epsilon, bool epsilon_in_root,
                 double decay = 0) {
  return [=] {
    return [=, average = 0.0](int64_t /*t*/, double rate, double g,
                              double& w) mutable {
      g += decay * w;
      average = alpha * average + (1 - alpha) * g * g;
      w -= rate * g /
           (epsilon_in_root ? std::sqrt(average + epsilon)
                            : std::sqrt(average) + epsilon);
    };
  };
}

TEST(PortingOptimizerTest, RmspropOfPytorch) {
  EXPECT_LT(
      Difference(OptimizerOnPage("optimizer { kind: RMSPROP rms_decay: 0.99 }"),
                 Rmsprop(0.99, 1e-8, false)),
      kSame);
  EXPECT_GT(
      Difference({.kind = OptimizerKind::kRmsprop}, Rmsprop(0.99, 1e-8, false)),
      kOther);
}

// sqrt(v + e) <= sqrt(v) + sqrt(e) <= sqrt(2) sqrt(v + e).
TEST(PortingOptimizerTest, RmspropOfKerasHasEpsilonInTheRoot) {
  const OptimizerSpec spec = OptimizerOnPage(
      "optimizer { kind: RMSPROP rms_decay: 0.9 epsilon: 3.16e-4 }");
  std::vector<double> ratios;
  for (const float g : {1.0f, 1e-2f, 1e-3f, 1e-4f, 1e-6f}) {
    float w = 0;
    float average = 0;
    absl::Span<float> state(&average, 1);
    UpdateValues(spec, 1, 1, {&g, 1}, {&state, 1}, {&w, 1});
    double keras = 0;
    Rmsprop(0.9, 1e-7, true)()(1, 1, g, keras);
    const double ratio = w / keras;
    EXPECT_GT(ratio, 1 / std::sqrt(2) - 1e-3) << g;
    EXPECT_LT(ratio, 1 + 1e-3) << g;
    ratios.push_back(ratio);
  }
  EXPECT_GT(ratios.front(), 0.998);
  EXPECT_LT(ratios[2], 0.75);
  EXPECT_GT(ratios.back(), 0.99);
}

// torch.optim.Adam, whose decay is added to the gradient, and AdamW, whose
// decay is taken from w.
MakeRule PytorchAdam(double decay, double decoupled_decay) {
  return [=] {
    return [=, m = 0.0, v = 0.0](int64_t t, double rate, double g,
                                 double& w) mutable {
      w -= rate * decoupled_decay * w;
      g += decay * w;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const double m_hat = m / (1 - std::pow(0.9, t));
      const double v_hat = v / (1 - std::pow(0.999, t));
      w -= rate * m_hat / (std::sqrt(v_hat) + 1e-8);
    };
  };
}

// keras.optimizers.Adam and AdamW. Its epsilon is Kingma and Ba's "epsilon
// hat".
MakeRule KerasAdam(double epsilon, double decay) {
  return [=] {
    return [=, m = 0.0, v = 0.0](int64_t t, double rate, double g,
                                 double& w) mutable {
      w -= w * decay * rate;
      m += (g - m) * (1 - 0.9);
      v += (g * g - v) * (1 - 0.999);
      const double alpha =
          rate * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
      w -= m * alpha / (std::sqrt(v) + epsilon);
    };
  };
}

TEST(PortingOptimizerTest, AdamOfPytorch) {
  EXPECT_LT(Difference(OptimizerOnPage("optimizer { kind: ADAM }"),
                       PytorchAdam(0, 0)),
            kSame);
}

TEST(PortingOptimizerTest, AdamOfKerasHasEpsilonHat) {
  constexpr double kEpsilon = 1e-7;
  // With small gradients, so that it matters.
  const auto difference = [](const SpecOfStep& spec) {
    return Difference(spec, KerasAdam(kEpsilon, 0), ConstantRate, 1e-5);
  };
  const auto step = [](int64_t t) {
    OptimizerSpec spec = {.kind = OptimizerKind::kAdam};
    spec.epsilon = kEpsilon / std::sqrt(1 - std::pow(0.999, t));
    return spec;
  };
  EXPECT_LT(difference(step), kSame);
  const OptimizerSpec constant =
      OptimizerOnPage("optimizer { kind: ADAM epsilon: 1e-7 }");
  EXPECT_GT(difference([&](int64_t) { return constant; }), kOther);
  // In the long run it is the same, by a factor of 1.
  EXPECT_NEAR(step(10000).epsilon, constant.epsilon, 1e-4 * constant.epsilon);
}

TEST(PortingOptimizerTest, AdamwOfPytorch) {
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { kind: ADAMW weight_decay: 0.01 }");
  EXPECT_LT(Difference(spec, PytorchAdam(0, 0.01)), kSame);
  // Without the option there is no decay, unlike in PyTorch.
  EXPECT_GT(Difference({.kind = OptimizerKind::kAdamW}, PytorchAdam(0, 0.01)),
            kOther);
}

TEST(PortingOptimizerTest, AdamwOfKeras) {
  // Gradients of about 1, where epsilon does not matter.
  EXPECT_LT(Difference(OptimizerOnPage("optimizer { kind: ADAMW weight_decay: "
                                       "0.004 epsilon: 1e-7 }"),
                       KerasAdam(1e-7, 0.004)),
            kSame + kSteps * 0.02 * 1e-4);
}

TEST(PortingOptimizerTest, WeightDecayOfPytorchIsCoupled) {
  constexpr double kDecay = 0.25;
  const auto spec = [&](OptimizerKind kind) {
    return OptimizerSpec{.kind = kind, .weight_decay = kDecay};
  };
  OnPage("weight_decay");
  EXPECT_LT(
      Difference(spec(OptimizerKind::kSgd), PytorchSgd(0, 0, false, kDecay)),
      kSame);
  EXPECT_LT(Difference(spec(OptimizerKind::kMomentum),
                       PytorchSgd(0.9, 0, false, kDecay)),
            kSame);
  EXPECT_LT(Difference(spec(OptimizerKind::kNesterov),
                       PytorchSgd(0.9, 0, true, kDecay)),
            kSame);
  EXPECT_LT(Difference(spec(OptimizerKind::kAdagrad),
                       Adagrad(0, 1e-8, false, kDecay)),
            kSame);
  EXPECT_LT(Difference(spec(OptimizerKind::kRmsprop),
                       Rmsprop(0.9, 1e-8, false, kDecay)),
            kSame);
  EXPECT_LT(Difference(spec(OptimizerKind::kAdam), PytorchAdam(kDecay, 0)),
            kSame);
  EXPECT_GT(Difference(spec(OptimizerKind::kAdam), PytorchAdam(0, kDecay)),
            kOther);
}

TEST(PortingOptimizerTest, WeightDecayOfKerasIsDecoupled) {
  constexpr double kDecay = 0.25;
  // For plain gradient descent these are the same.
  EXPECT_LT(Difference({.kind = OptimizerKind::kSgd, .weight_decay = kDecay},
                       KerasSgd(0, false, kDecay)),
            kSame);
  EXPECT_GT(
      Difference({.kind = OptimizerKind::kMomentum, .weight_decay = kDecay},
                 KerasSgd(0.9, false, kDecay), ConstantRate),
      kOther);
  // Adam(weight_decay) is AdamW.
  EXPECT_LT(Difference({.kind = OptimizerKind::kAdamW, .weight_decay = kDecay},
                       KerasAdam(1e-8, kDecay)),
            kSame);
  EXPECT_GT(Difference({.kind = OptimizerKind::kAdam, .weight_decay = kDecay},
                       KerasAdam(1e-8, kDecay)),
            kOther);
}

// kernel_regularizer=L2(l) adds l sum of w^2 to the loss.
TEST(PortingOptimizerTest, L2OfKerasIsHalfTheDecay) {
  constexpr double kL2 = 0.005;
  const OptimizerSpec spec =
      OptimizerOnPage("optimizer { weight_decay: 0.01 decay_all: false }");
  const MakeRule keras = [=] {
    return [=](int64_t /*t*/, double rate, double g, double& w) {
      // By a numeric derivative of the term.
      const double h = 1e-3;
      const double term =
          (kL2 * (w + h) * (w + h) - kL2 * (w - h) * (w - h)) / (2 * h);
      w -= rate * (g + term);
    };
  };
  EXPECT_LT(Difference(spec, keras, ConstantRate), kSame);
  EXPECT_GT(Difference({.weight_decay = kL2}, keras, ConstantRate), kOther);
}

}  // namespace
}  // namespace lenslet
