#include "lenslet/train/evaluator.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/quantity.h"

namespace lenslet {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Scores are the image's two pixels, in [0, 1], and a constant 0.5.
Graph MakeGraph() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 3 }
    }
  )pb");
}

Parameters PixelScoreParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0).at({0, 0}) = 1;
  parameters.view(0).at({1, 1}) = 1;
  parameters.view(1)[2] = 0.5;
  return parameters;
}

// The pixels of image i are 51 * (i % 6) and 0.
Dataset TwoPixels(int64_t size) {
  ExampleArrays arrays = {
      .inputs = Tensor({size, 1, 2, 1}, ElementType::kUint8),
      .targets = Tensor({size}, ElementType::kUint8)};
  for (int64_t i = 0; i < size; ++i) {
    arrays.inputs.data<uint8_t>()[2 * i] = 51 * (i % 6);
  }
  return *MakeDataset(std::move(arrays), {"left", "right", "neither"});
}

// Two whole blocks and a part of one, on every backend.
TEST(EvaluatorTest, GivesTheScoresOfAllImages) {
  const Graph graph = MakeGraph();
  const Parameters parameters = PixelScoreParameters(graph);
  const Dataset dataset = TwoPixels(41);
  for (const Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto evaluator,
        Evaluator::Create(graph, parameters,
                          {.backend = backend, .threads = 2, .block = 20}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor scores,
                                 evaluator->Outputs(dataset));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor probabilities,
                                 evaluator->Probabilities(dataset));
    ASSERT_EQ(scores.shape(), Shape({41, 3}));
    ASSERT_EQ(probabilities.shape(), Shape({41, 3}));
    for (int64_t i = 0; i < 41; ++i) {
      const double x[] = {(i % 6) / 5.0, 0, 0.5};
      const double sum = std::exp(x[0]) + std::exp(x[1]) + std::exp(x[2]);
      for (int64_t k = 0; k < 3; ++k) {
        // A few roundings of numbers up to 1.
        EXPECT_NEAR(scores.view().at({i, k}), x[k], 1e-6);
        EXPECT_NEAR(probabilities.view().at({i, k}), std::exp(x[k]) / sum,
                    1e-6);
      }
    }
  }
}

TEST(EvaluatorTest, ScoresDoNotDependOnThreads) {
  const Graph graph = MakeGraph();
  Parameters parameters = *Parameters::Create(graph);
  InitializeParameters(Initializer(), /*seed=*/3, parameters);
  const Dataset dataset = TwoPixels(100);
  const auto scores = [&](int threads) {
    return *(*Evaluator::Create(graph, parameters,
                                {.threads = threads, .block = 16}))
                ->Outputs(dataset);
  };
  const Tensor one = scores(1);
  EXPECT_NE(one.span()[0], one.span()[3]);
  EXPECT_THAT(scores(2).span(), ElementsAreArray(one.span()));
  EXPECT_THAT(scores(5).span(), ElementsAreArray(one.span()));
}

TEST(EvaluatorTest, ScoresFollowTheParameters) {
  const Graph graph = MakeGraph();
  Parameters parameters = PixelScoreParameters(graph);
  const Dataset dataset = TwoPixels(1);
  for (const Backend backend : kBackends) {
    parameters.view(1)[2] = 0.5;
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto evaluator,
        Evaluator::Create(graph, parameters, {.backend = backend}));
    EXPECT_EQ(evaluator->Outputs(dataset)->span()[2], 0.5f);
    parameters.view(1)[2] = 2;
    EXPECT_EQ(evaluator->Outputs(dataset)->span()[2], 2);
  }
}

TEST(EvaluatorTest, ScoresNeedADataSetThatFits) {
  const Graph graph = MakeGraph();
  const Parameters parameters = PixelScoreParameters(graph);
  const auto evaluator = *Evaluator::Create(graph, parameters, {});
  EXPECT_THAT(evaluator->Outputs(Dataset()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the data set has no examples")));
  Dataset dataset = TwoPixels(2);
  dataset.target_names.pop_back();
  EXPECT_THAT(evaluator->Probabilities(dataset),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("expected [2], a score for each class")));
}

// Numbers are those of scikit-learn 1.2.1, with
//   x = np.array([[((n * 37 + c * 11) % 23 - 11) / 4 for c in range(8)]
//                 for n in range(50)])
// as outputs. Three blocks of 20 and 10.
class QuantitiesTest : public ::testing::Test {
 protected:
  static constexpr int64_t kExamples = 50;
  static constexpr int64_t kColumns = 8;

  // A network whose outputs are its inputs, of the outputs above + `more`.
  Metrics Measure(TargetKind kind, LossKind loss, Tensor targets, float more,
                  EvaluatorOptions options) {
    const Graph graph = GraphOf(R"pb(
      input {
        name: "x"
        shape: [ 8 ]
      }
      layer {
        name: "linear"
        linear { output_features: 8 }
      }
    )pb");
    Parameters parameters = *Parameters::Create(graph);
    ExampleArrays arrays = {.inputs = Tensor({kExamples, kColumns}),
                            .targets = std::move(targets),
                            .kind = kind};
    for (int64_t c = 0; c < kColumns; ++c) {
      parameters.view(0).at({c, c}) = 1;
      for (int64_t n = 0; n < kExamples; ++n) {
        arrays.inputs(n, c) =
            static_cast<float>((n * 37 + c * 11) % 23 - 11) / 4 + more;
      }
    }
    const Dataset dataset = *MakeDataset(
        std::move(arrays),
        std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h"});
    options.block = 20;
    options.loss = {.kind = loss};
    options.target = kind;
    return *(*Evaluator::Create(graph, parameters, options))->Evaluate(dataset);
  }

  // The same bits on any number of threads, and about the same on any backend.
  template <typename Check>
  void ForEach(const Check& check) {
    for (const Backend backend : kBackends) {
      for (const int threads : {1, 2, 5}) {
        SCOPED_TRACE(absl::StrCat(Name(backend), ", ", threads));
        check(EvaluatorOptions{.backend = backend, .threads = threads});
      }
    }
  }

  static double Of(const Quantity& quantity, const Metrics& metrics) {
    return quantity.of(metrics).value_or(NAN);
  }
};

// y = np.array([n * 3 % 8 for n in range(50)]); accuracy_score(y, x.argmax(1)),
// top_k_accuracy_score(y, x, k=5, labels=range(8))
TEST_F(QuantitiesTest, OfClassesAreScikitLearns) {
  ForEach([&](const EvaluatorOptions& options) {
    Tensor targets({kExamples}, ElementType::kUint8);
    for (int64_t n = 0; n < kExamples; ++n) {
      targets.data<uint8_t>()[n] = static_cast<uint8_t>(n * 3 % kColumns);
    }
    const Metrics metrics =
        Measure(TargetKind::kClasses, CrossEntropySpec(), std::move(targets),
                /*more=*/0, options);
    EXPECT_EQ(Of(kAccuracy, metrics), 0.16);
    EXPECT_EQ(Of(kTop5Accuracy, metrics), 0.58);
    EXPECT_EQ(kF1.of(metrics), std::nullopt);
    EXPECT_EQ(kR2.of(metrics), std::nullopt);
  });
}

// t = np.array([[c < 7 and (n * 5 + c * 3) % 7 < 3 for c in range(8)]
//               for n in range(50)]); p = x > 0
// precision_score, recall_score and f1_score(t, p, average="micro"),
// accuracy_score(t, p), roc_auc_score(t[:, :7], x[:, :7], average="macro"). The
// last label never applies, and has no AUC.
TEST_F(QuantitiesTest, OfLabelsAreScikitLearns) {
  std::optional<double> auc;
  ForEach([&](const EvaluatorOptions& options) {
    Tensor targets({kExamples, kColumns}, ElementType::kUint8);
    for (int64_t i = 0; i < kExamples * kColumns; ++i) {
      const int64_t n = i / kColumns, c = i % kColumns;
      targets.data<uint8_t>()[i] = c < 7 && (n * 5 + c * 3) % 7 < 3;
    }
    const Metrics metrics =
        Measure(TargetKind::kLabels, SigmoidCrossEntropySpec(),
                std::move(targets), /*more=*/0, options);
    // Ratios of the same integers, in one or in a few roundings.
    EXPECT_DOUBLE_EQ(Of(kPrecision, metrics), 0.3612565445026178);
    EXPECT_DOUBLE_EQ(Of(kRecall, metrics), 0.46);
    EXPECT_DOUBLE_EQ(Of(kF1, metrics), 0.4046920821114369);
    EXPECT_EQ(Of(kExactMatch, metrics), 0.04);
    EXPECT_NEAR(Of(kAuc, metrics), 0.5029801889407801, 1e-14);
    // The order of the scores alone decides: no backend rounds them.
    if (!auc) auc = metrics.auc;
    EXPECT_EQ(metrics.auc, auc);
    EXPECT_EQ(kAccuracy.of(metrics), std::nullopt);
  });
}

// v = np.array([[3 if c == 7 else 100 + (n * 13 + c * 7) % 19 / 2
//                for c in range(8)] for n in range(50)]); o = x + 104
// mean_absolute_error and mean_squared_error(v, o), r2_score(v[:, :7],
// o[:, :7], multioutput="uniform_average"). The last value is the same in all
// examples, and has no R^2.
TEST_F(QuantitiesTest, OfValuesAreScikitLearns) {
  std::optional<double> r2;
  ForEach([&](const EvaluatorOptions& options) {
    Tensor targets({kExamples, kColumns});
    for (int64_t n = 0; n < kExamples; ++n) {
      for (int64_t c = 0; c < kColumns; ++c) {
        targets(n, c) =
            c == 7 ? 3 : 100 + static_cast<float>((n * 13 + c * 7) % 19) / 2;
      }
    }
    const Metrics metrics =
        Measure(TargetKind::kValues, MeanSquaredErrorSpec(), std::move(targets),
                /*more=*/104, options);
    // All numbers are exact; the sums of hundreds of them are rounded to within
    // 1e-13 of themselves.
    EXPECT_NEAR(Of(kMeanAbsoluteError, metrics), 14.95125, 1e-11);
    EXPECT_NEAR(Of(kMeanSquaredError, metrics), 1284.8965625, 1e-9);
    EXPECT_NEAR(Of(kR2, metrics), -0.3798655131374182, 1e-12);
    if (!r2) r2 = metrics.r2;
    EXPECT_EQ(metrics.r2, r2);
    EXPECT_EQ(kAuc.of(metrics), std::nullopt);
  });
}

// One example of each label's kind is missing: no label has an AUC.
TEST_F(QuantitiesTest, WhatIsUndefinedIsAbsent) {
  const Metrics metrics = Measure(
      TargetKind::kLabels, SigmoidCrossEntropySpec(),
      Tensor({kExamples, kColumns}, ElementType::kUint8), /*more=*/-10, {});
  EXPECT_EQ(metrics.auc, std::nullopt);
  EXPECT_EQ(kPrecision.of(metrics), std::nullopt);
  EXPECT_EQ(kRecall.of(metrics), std::nullopt);
  EXPECT_EQ(kF1.of(metrics), std::nullopt);
  EXPECT_EQ(kExactMatch.of(metrics), 1);
}

TEST(EvaluatorTest, TheAucOfLabelsNeedsMemory) {
  const Graph graph = MakeGraph();
  EXPECT_EQ(Evaluator::BytesOfSet(
                graph, {.threads = 2, .target = TargetKind::kLabels}, 1000),
            1000 * 8 * (3 + 2));
  EXPECT_EQ(Evaluator::BytesOfSet(graph, {.threads = 2}, 1000), 0);
}

// By hand: the first pixel, times 2, minus 1, divided by the deviation 0.5, is
// the only score that is not 0. Then the factor changes.
TEST(EvaluatorTest, FoldsNormalizationsByTheCurrentParameters) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 3 bias: false }
    }
    layer {
      name: "norm"
      batch_norm { epsilon: 0.125 }
    }
  )pb");
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0).at({0, 0}) = 2;  // Weight.
  parameters.view(1)[0] = 1;          // Scale.
  parameters.view(3)[0] = 1;          // Mean.
  for (float& variance : parameters.view(4).span()) variance = 0.125;
  const auto evaluator = *Evaluator::Create(graph, parameters, {});
  const Dataset dataset = TwoPixels(6);
  for (const float scale : {1.0f, -3.0f}) {
    parameters.view(1)[0] = scale;
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor outputs,
                                 evaluator->Outputs(dataset));
    for (int i = 0; i < 6; ++i) {
      // Of numbers up to 6, with five roundings.
      EXPECT_NEAR(outputs.data()[3 * i], scale * (2 * i / 5.0 - 1) / 0.5,
                  6 * 5 * 0x1p-24);
      EXPECT_EQ(outputs.data()[3 * i + 1], 0);
    }
  }
}

}  // namespace
}  // namespace lenslet
