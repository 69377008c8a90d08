#include "lenslet/train/parameter_updater.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/train/testing/float_limits.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The parameters of the graph below.
enum { kScale, kShift, kMean, kVariance, kWeight, kBias, kParameters };

Graph NormNet() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 1, 1 ]
    }
    layer {
      name: "norm"
      batch_norm {}
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "scores"
      linear { output_features: 2 }
    }
  )pb");
}

// All numbers in this file are sums of few powers of two unless it says
// otherwise: there is no rounding.
class ParameterUpdaterTest : public ::testing::Test {
 protected:
  ParameterUpdaterTest() {
    for (int i = 0; i < 2; ++i) {
      shards_.push_back(*Parameters::Create(graph_));
    }
  }

  std::unique_ptr<ParameterUpdater> Create(ParameterUpdaterOptions options) {
    options.threads = pool_->threads();
    return *ParameterUpdater::Create(graph_, products_, parameters_, options);
  }
  absl::Status CreateStatus(const ParameterUpdaterOptions& options) {
    return ParameterUpdater::Create(graph_, products_, parameters_, options)
        .status();
  }

  // One update of a batch of 4 images, with these sums of both shards.
  struct Sum {
    int parameter;
    std::vector<float> values;
  };
  std::optional<ParameterUpdater::Fault> TryUpdate(ParameterUpdater& updater,
                                                   const std::vector<Sum>& sums,
                                                   double rate = 1,
                                                   float factor = 1) {
    for (Parameters& shard : shards_) updater.Clear(shard.array());
    for (const Sum& sum : sums) {
      for (size_t i = 0; i < sum.values.size(); ++i) {
        shards_[0].view(sum.parameter)[i] = 0.25f * sum.values[i];
        shards_[1].view(sum.parameter)[i] = 0.75f * sum.values[i];
      }
    }
    return updater.Update(absl::MakeSpan(shards_), 4, factor, rate, *pool_);
  }
  void Update(ParameterUpdater& updater, const std::vector<Sum>& sums,
              double rate = 1) {
    const auto fault = TryUpdate(updater, sums, rate);
    EXPECT_FALSE(fault.has_value()) << fault->text;
  }

  // An update fails with this text, and changes no parameter.
  void ExpectFault(ParameterUpdater& updater, const std::vector<Sum>& sums,
                   const std::string& text, bool gradient, double rate = 1) {
    const std::vector<float> before = Values(parameters_);
    const int64_t updates_done = updater.updates_done();
    const auto fault = TryUpdate(updater, sums, rate);
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->text, text);
    EXPECT_EQ(fault->gradient, gradient);
    EXPECT_EQ(Values(parameters_), before);
    EXPECT_EQ(updater.updates_done(), updates_done);
  }

  std::vector<float> Values(const Parameters& parameters) const {
    std::vector<float> values;
    for (int i = 0; i < kParameters; ++i) {
      const auto span = parameters.view(i).span();
      values.insert(values.end(), span.begin(), span.end());
    }
    return values;
  }

  const Graph graph_ = NormNet();
  const BatchProducts products_;
  Parameters parameters_ = *Parameters::Create(graph_);
  std::vector<Parameters> shards_;
  std::unique_ptr<ThreadPool> pool_ = *ThreadPool::Create(2);
};

//   scale and weight:  |(3, 0, 4)| = 5, at most 2.5: half of each
//   mean:              100 / 4, a statistic, which neither counts nor is
//   clipped
TEST_F(ParameterUpdaterTest, ClipsByTheNormOfAllGradients) {
  const std::vector<Sum> sums = {
      {kScale, {3}}, {kMean, {100}}, {kWeight, {0, 4}}};
  auto updater = Create({.clip_norm = 2.5});
  Update(*updater, sums);
  EXPECT_THAT(Values(parameters_), ElementsAre(-1.5, 0, 25, 0, 0, -2, 0, 0));
}

// Before clipping, and without a change of the update.
TEST_F(ParameterUpdaterTest, MeasuresTheNorm) {
  const std::vector<Sum> sums = {
      {kScale, {3}}, {kMean, {100}}, {kWeight, {0, 4}}};
  auto updater = Create({.measure_norm = true});
  Update(*updater, sums);
  EXPECT_EQ(updater->gradient_norm(), 5);
  EXPECT_THAT(Values(parameters_), ElementsAre(-3, 0, 25, 0, 0, -4, 0, 0));
  auto clipping = Create({.clip_norm = 2.5});
  Update(*clipping, sums);
  EXPECT_EQ(clipping->gradient_norm(), 5);
}

// The factor comes before the norm: twice (3, 4) has a norm of 10. A statistic
// has no factor.
TEST_F(ParameterUpdaterTest, GradientFactor) {
  const std::vector<Sum> sums = {
      {kScale, {3}}, {kMean, {100}}, {kWeight, {0, 4}}};
  EXPECT_FALSE(TryUpdate(*Create({}), sums, /*rate=*/1, 2).has_value());
  EXPECT_THAT(Values(parameters_), ElementsAre(-6, 0, 25, 0, 0, -8, 0, 0));
  for (int i = 0; i < kParameters; ++i) {
    for (float& value : parameters_.view(i).span()) value = 0;
  }
  EXPECT_FALSE(
      TryUpdate(*Create({.clip_norm = 5}), sums, /*rate=*/1, 2).has_value());
  EXPECT_THAT(Values(parameters_), ElementsAre(-3, 0, 25, 0, 0, -4, 0, 0));
}

TEST_F(ParameterUpdaterTest, SmallerGradientsStayAsTheyAre) {
  const std::vector<Sum> sums = {{kScale, {3}}, {kWeight, {0, 4}}};
  auto updater = Create({.clip_norm = 5});
  Update(*updater, sums);
  EXPECT_THAT(Values(parameters_), ElementsAre(-3, 0, 0, 0, 0, -4, 0, 0));
}

// The weight (0, 16) has a gradient (0, 8), clipped to (0, 2), and a decay of
// (0, 16) / 4.
TEST_F(ParameterUpdaterTest, WeightDecayIsNotClipped) {
  parameters_.view(kWeight)[1] = 16;
  auto updater = Create({.optimizer = {.weight_decay = 0.25}, .clip_norm = 2});
  Update(*updater, {{kWeight, {0, 8}}});
  EXPECT_EQ(parameters_.view(kWeight)[1], 16 - 2 - 4);
}

// What does not train does not count: (3, 4) alone has norm 5.
TEST_F(ParameterUpdaterTest, ClippingLeavesOutWhatStays) {
  auto updater = Create({.clip_norm = 2.5, .rate_factors = {0, 1, 1, 1, 1, 1}});
  Update(*updater, {{kScale, {1000}}, {kWeight, {3, 4}}});
  EXPECT_THAT(Values(parameters_), ElementsAre(0, 0, 0, 0, -1.5, -2, 0, 0));
}

//   rate      1/2 of the scale and 2 of the bias; the weight and the variance
//             stay as they are, and the mean moves by 8 / 4 for any factor
//   decay     1/4, of nothing where the factor is 0
TEST_F(ParameterUpdaterTest, RateFactors) {
  for (int i = 0; i < kParameters; ++i) {
    for (float& value : parameters_.view(i).span()) value = 4;
  }
  auto updater = Create({.optimizer = {.weight_decay = 0.25},
                         .rate_factors = {0.5, 1, 0.125, 0, 0, 2}});
  Update(*updater,
         {{kScale, {8}},
          {kShift, {8}},
          {kMean, {8}},
          {kVariance, {8}},
          {kWeight, {8, 8}},
          {kBias, {8, 16}}},
         /*rate=*/0.5);
  EXPECT_THAT(Values(parameters_), ElementsAre(4 - 0.25 * 9, 4 - 0.5 * 9, 6, 4,
                                               4, 4, 4 - 9.0, 4 - 17.0));
}

TEST_F(ParameterUpdaterTest, DecayOfWeightsAlone) {
  const auto decayed = [&](bool decay_all) {
    for (int i = 0; i < kParameters; ++i) {
      for (float& value : parameters_.view(i).span()) value = 4;
    }
    auto updater =
        Create({.optimizer = {.weight_decay = 0.25}, .decay_all = decay_all});
    Update(*updater, {});
    return Values(parameters_);
  };
  EXPECT_THAT(decayed(true), ElementsAre(3, 3, 4, 4, 3, 3, 3, 3));
  EXPECT_THAT(decayed(false), ElementsAre(4, 4, 4, 4, 3, 3, 4, 4));
}

// The bias goes 1, 2, 3 and the mean 2, 4, 6, from 0, and the factor of the
// average is 1/10, 2/11, 3/12 at first:
//
//   bias   9/10 * 1                 = 0.9
//          2/11 * 0.9 + 9/11 * 2    = 1.8
//          3/12 * 1.8 + 9/12 * 3    = 2.7
TEST_F(ParameterUpdaterTest, AveragesForgetTheFirstSteps) {
  auto updater = Create({.average_decay = 0.99});
  for (const double expected : {0.9, 1.8, 2.7}) {
    Update(*updater, {{kMean, {8}}, {kBias, {0, -1}}});
    // Three roundings of numbers up to 8, in each of three updates.
    EXPECT_NEAR(updater->averages()->view(kBias)[1], expected, 5e-6);
    EXPECT_NEAR(updater->averages()->view(kMean)[0], 2 * expected, 5e-6);
  }
  EXPECT_EQ(parameters_.view(kBias)[1], 3);
}

// The factor is 1/10 and then no more than 1/8.
TEST_F(ParameterUpdaterTest, AveragesAreByTheDecay) {
  auto updater = Create({.average_decay = 0.125});
  double average = 0;
  for (int step = 0; step < 3; ++step) {
    const double d = step == 0 ? 0.1 : 0.125;
    average = d * average + (1 - d) * (step + 1);
    Update(*updater, {{kBias, {0, -1}}});
    EXPECT_NEAR(updater->averages()->view(kBias)[1], average, 5e-6);
  }
}

TEST_F(ParameterUpdaterTest, AveragesBeginAsTheParameters) {
  for (int i = 0; i < kParameters; ++i) {
    for (float& value : parameters_.view(i).span()) value = 0.1f;
  }
  auto updater = Create({.average_decay = 0.99});
  EXPECT_EQ(Values(*updater->averages()), Values(parameters_));
  Update(*updater, {});
  EXPECT_EQ(Values(*updater->averages()), Values(parameters_));
  EXPECT_EQ(Create({})->averages(), nullptr);
}

TEST_F(ParameterUpdaterTest, ARateOfZeroMovesStatisticsAlone) {
  for (int i = 0; i < kParameters; ++i) {
    for (float& value : parameters_.view(i).span()) value = 4;
  }
  for (int kind = 0; kind <= static_cast<int>(OptimizerKind::kAdamW); ++kind) {
    parameters_.view(kMean)[0] = 0;
    auto updater = Create(
        {.optimizer = {.kind = OptimizerKind(kind), .weight_decay = 0.25}});
    Update(*updater, {{kMean, {8}}, {kWeight, {1, 2}}}, /*rate=*/0);
    EXPECT_THAT(Values(parameters_), ElementsAre(4, 4, 2, 4, 4, 4, 4, 4));
  }
}

// The forward pass makes statistics' changes first, and the backward pass
// begins at the last layer.
TEST_F(ParameterUpdaterTest, NamesTheFirstThatIsNotFinite) {
  for (int i = 0; i < kParameters; ++i) {
    for (float& value : parameters_.view(i).span()) value = 4;
  }
  parameters_.view(kShift)[0] = kLarge;
  for (const double clip_norm : {0.0, 1e30}) {
    auto updater = Create({.clip_norm = clip_norm});
    std::vector<Sum> sums = {{kWeight, {8, 8}}, {kShift, {-kLarge}}};
    if (clip_norm == 0) {
      ExpectFault(*updater, sums,
                  "parameter \"norm.bias\" would become inf, from "
                  "3.40282e+38 by a gradient of -3.40282e+38",
                  /*gradient=*/false);
    }
    sums.push_back({kScale, {kInfinity}});
    ExpectFault(*updater, sums,
                "the gradient of parameter \"norm.scale\" is inf",
                /*gradient=*/true);
    sums.push_back({kBias, {1, kNan}});
    ExpectFault(*updater, sums,
                "the gradient of parameter \"scores.bias\" is nan",
                /*gradient=*/true);
    if (clip_norm > 0) continue;  // By which statistics are not yet known.
    sums.push_back({kVariance, {-kInfinity}});
    ExpectFault(*updater, sums,
                "the change of parameter \"norm.running_variance\" is -inf",
                /*gradient=*/true);
    // Nothing of it is left.
    Update(*updater, {{kWeight, {2, 3}}});
    EXPECT_THAT(Values(parameters_), ElementsAre(4, kLarge, 4, 4, 2, 1, 4, 4));
    for (float& value : parameters_.view(kWeight).span()) value = 4;
  }
}

TEST_F(ParameterUpdaterTest, AStatisticMayGetTooLarge) {
  parameters_.view(kMean)[0] = kLarge;
  auto updater = Create({});
  // A quarter for each of the 4 images.
  ExpectFault(*updater, {{kMean, {kLarge}}},
              "parameter \"norm.running_mean\" would become inf, from "
              "3.40282e+38 by a change of 3.40282e+38",
              /*gradient=*/false);
}

// (2^70)^2 is more than a float holds, also times 1 - beta2 = 0.001.
TEST_F(ParameterUpdaterTest, TheStateMustBeFiniteToo) {
  for (const OptimizerKind kind :
       {OptimizerKind::kAdagrad, OptimizerKind::kRmsprop, OptimizerKind::kAdam,
        OptimizerKind::kAdamW}) {
    auto updater = Create({.optimizer = {.kind = kind}});
    ExpectFault(*updater, {{kWeight, {0, 0x1p70f}}},
                "the optimizer's state of parameter \"scores.weight\" would "
                "become inf, by a gradient of 1.18059e+21",
                /*gradient=*/false);
  }
  // u = 0.9 * kLarge + kLarge, which a rate of 0 keeps away from the parameter
  // only as long as it is finite.
  auto updater = Create({.optimizer = {.kind = OptimizerKind::kMomentum}});
  Update(*updater, {{kBias, {kLarge}}}, /*rate=*/0);
  ExpectFault(*updater, {{kBias, {kLarge}}},
              "parameter \"scores.bias\" would become nan, from 0 by a "
              "gradient of 3.40282e+38",
              /*gradient=*/false, /*rate=*/0);
}

// The parameter moves by -1e38, and its average by 9/10 of -4e38.
TEST_F(ParameterUpdaterTest, AveragesMustBeFiniteToo) {
  auto updater = Create({.average_decay = 0.5});
  Parameters averages = *Parameters::Create(graph_);
  averages.view(kScale)[0] = 3e38f;
  LENSLET_ASSERT_OK(updater->Restore(0, {}, &averages));
  ExpectFault(*updater, {{kScale, {1e38f}}},
              "the average of parameter \"norm.scale\" would become -inf",
              /*gradient=*/false);
}

// More than a thread takes at once, of numbers that all differ.
TEST_F(ParameterUpdaterTest, UndoesAllOfALargeParameter) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [1, 997, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 5 } }");
  Parameters parameters = *Parameters::Create(graph);
  std::vector<Parameters> shards;
  shards.push_back(*Parameters::Create(graph));
  for (int64_t i = 0; i < 4985; ++i) {
    parameters.view(0)[i] = static_cast<float>(i);
    shards[0].view(0)[i] = 1;
  }
  shards[0].view(0)[4000] = kNan;
  const std::vector<float> before(parameters.array().begin(),
                                  parameters.array().end());
  auto updater = *ParameterUpdater::Create(graph, products_, parameters,
                                           {.threads = pool_->threads()});
  const auto fault =
      updater->Update(absl::MakeSpan(shards), 4, /*gradient_factor=*/1,
                      /*rate=*/1, *pool_);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->text, "the gradient of parameter \"scores.weight\" is nan");
  EXPECT_EQ(
      std::vector<float>(parameters.array().begin(), parameters.array().end()),
      before);
}

TEST_F(ParameterUpdaterTest, RejectsWrongOptions) {
  const auto code = absl::StatusCode::kInvalidArgument;
  for (const double norm : {-1.0, double{INFINITY}, double{NAN}}) {
    EXPECT_THAT(CreateStatus({.clip_norm = norm}),
                StatusIs(code, HasSubstr("clip_norm is ")));
  }
  for (const double decay : {-0.1, 1.0, double{NAN}}) {
    EXPECT_THAT(CreateStatus({.average_decay = decay}),
                StatusIs(code, HasSubstr("average_decay is ")));
  }
  EXPECT_THAT(CreateStatus({.optimizer = {.momentum = 1}}),
              StatusIs(code, HasSubstr("momentum is 1")));
  EXPECT_THAT(CreateStatus({.rate_factors = {1, 1}}),
              StatusIs(code,
                       "there are 2 rate_factors; expected 6, one for each "
                       "parameter"));
  for (const double factor : {-1.0, double{INFINITY}, double{NAN}}) {
    EXPECT_THAT(
        CreateStatus({.rate_factors = {1, 1, 1, 1, factor, 1}}),
        StatusIs(code, HasSubstr("the rate factor of \"scores.weight\" is ")));
  }
  EXPECT_THAT(CreateStatus({.rate_factors = {0, 0, 1, 1, 0, 0}}),
              StatusIs(code, HasSubstr("there is nothing to train")));
}

TEST_F(ParameterUpdaterTest, RejectsStateOfOthers) {
  const auto code = absl::StatusCode::kInvalidArgument;
  auto updater = Create({.optimizer = {.kind = OptimizerKind::kMomentum}});
  const auto restore = [&](int64_t updates_done,
                           absl::Span<const Parameters> state,
                           const Parameters* averages) {
    return updater->Restore(updates_done, state, averages);
  };
  const absl::Span<const Parameters> one =
      absl::MakeConstSpan(shards_).first(1);
  EXPECT_THAT(restore(-1, one, nullptr),
              StatusIs(code, HasSubstr("updates_done is -1")));
  EXPECT_THAT(restore(3, shards_, nullptr),
              StatusIs(code, HasSubstr("has 2 arrays; expected 1")));
  EXPECT_THAT(restore(3, one, &parameters_),
              StatusIs(code, HasSubstr("average_decay is 0")));
  const Graph other = GraphOf(
      "input { name: 'image' shape: [1, 100, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  const Parameters larger = *Parameters::Create(other);
  EXPECT_THAT(restore(3, absl::MakeConstSpan(&larger, 1), nullptr),
              StatusIs(code, HasSubstr("is it another model?")));
  EXPECT_EQ(updater->updates_done(), 0);
  updater = Create(
      {.optimizer = {.kind = OptimizerKind::kMomentum}, .average_decay = 0.9});
  EXPECT_THAT(restore(3, one, nullptr),
              StatusIs(code, HasSubstr("averages are missing")));
  LENSLET_EXPECT_OK(restore(3, one, &parameters_));
  EXPECT_EQ(updater->updates_done(), 3);
}

}  // namespace
}  // namespace lenslet
