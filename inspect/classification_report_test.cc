#include "lenslet/inspect/classification_report.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

const std::vector<std::string> kNames = {"cat", "dog", "owl"};

// Powers of two are exact, so most results are too.
//
//   n   p of cat  dog   owl    label  predicted
//   0   .5        .25   .25    cat    cat
//   1   .25       .75   0      dog    dog
//   2   .75       .125  .125   dog    cat          a mistake
//   3   .5        .5    0      owl    cat          a tie, and p of the label 0
//   4   .5        .375  .125   dog    cat          a mistake
ClassificationReport Example(const ClassificationReportOptions& options) {
  return *MakeClassificationReport(Tensor::Of({5, 3}, {.5f, .25f, .25f,     //
                                                       .25f, .75f, 0,       //
                                                       .75f, .125f, .125f,  //
                                                       .5f, .5f, 0,         //
                                                       .5f, .375f, .125f}),
                                   {0, 1, 1, 2, 1}, kNames, options);
}

TEST(ClassificationReportTest, TakesLabelsAndClassesOfADataSet) {
  const Dataset dataset =
      *MakeDataset({.inputs = Tensor({2, 1}, ElementType::kUint8),
                    .targets = Tensor::Of<uint8_t>({2}, {1, 2})},
                   kNames);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ClassificationReport report,
      MakeClassificationReport(Tensor::Of({2, 3}, {0, 1, 0, 1, 0, 0}), dataset,
                               {.top_k = 2}));
  EXPECT_EQ(report.correct, 1);
  EXPECT_EQ(report.top_k, 2);
  EXPECT_EQ(report.mistakes[0].label, 2);
  EXPECT_EQ(report.classes[2].name, "owl");
}

TEST(ClassificationReportTest, CountsWhoIsTakenForWhom) {
  const ClassificationReport report = Example({});
  EXPECT_EQ(report.examples, 5);
  EXPECT_EQ(report.correct, 2);
  EXPECT_DOUBLE_EQ(report.accuracy, 2.0 / 5);
  EXPECT_THAT(report.confusion,
              ElementsAre(ElementsAre(1, 0, 0), ElementsAre(2, 1, 0),
                          ElementsAre(1, 0, 0)));
}

TEST(ClassificationReportTest, MeasuresEachClass) {
  const ClassificationReport report = Example({});
  ASSERT_EQ(report.classes.size(), 3);
  const ClassReport& cat = report.classes[0];
  EXPECT_EQ(cat.name, "cat");
  EXPECT_EQ(cat.support, 1);
  EXPECT_EQ(cat.predicted, 4);
  EXPECT_EQ(cat.correct, 1);
  EXPECT_THAT(cat.precision, Optional(0.25));
  EXPECT_THAT(cat.recall, Optional(1.0));
  EXPECT_THAT(cat.f1, Optional(2.0 / 5));  // 2 * (1/4 * 1) / (1/4 + 1)
  const ClassReport& dog = report.classes[1];
  EXPECT_EQ(dog.support, 3);
  EXPECT_EQ(dog.predicted, 1);
  EXPECT_THAT(dog.precision, Optional(1.0));
  EXPECT_THAT(dog.recall, Optional(1.0 / 3));
  EXPECT_THAT(dog.f1, Optional(0.5));  // 2 * (1 * 1/3) / (1 + 1/3)
  // Never predicted: no precision, but the one owl was missed.
  const ClassReport& owl = report.classes[2];
  EXPECT_EQ(owl.precision, std::nullopt);
  EXPECT_THAT(owl.recall, Optional(0.0));
  EXPECT_THAT(owl.f1, Optional(0.0));

  EXPECT_THAT(report.macro_precision, Optional((0.25 + 1) / 2));
  EXPECT_DOUBLE_EQ(report.macro_recall.value(), (1 + 1.0 / 3) / 3);
  EXPECT_DOUBLE_EQ(report.macro_f1.value(), (0.4 + 0.5) / 3);
  // As scikit-learn's zero_division=0.
  EXPECT_DOUBLE_EQ(report.macro_precision_with_zeros, (0.25 + 1) / 3);
  EXPECT_DOUBLE_EQ(report.macro_recall_with_zeros, (1 + 1.0 / 3) / 3);
}

TEST(ClassificationReportTest, CountsTheLabelsAmongTheBest) {
  EXPECT_DOUBLE_EQ(Example({.top_k = 1}).top_k_accuracy, 2.0 / 5);
  // Example 2: of dog and owl, equal, dog comes first.
  EXPECT_DOUBLE_EQ(Example({.top_k = 2}).top_k_accuracy, 4.0 / 5);
  EXPECT_DOUBLE_EQ(Example({.top_k = 3}).top_k_accuracy, 1);
  EXPECT_EQ(Example({.top_k = 2}).top_k, 2);
  EXPECT_EQ(Example({.top_k = 5}).top_k, 3);
  EXPECT_DOUBLE_EQ(Example({.top_k = 5}).top_k_accuracy, 1);
}

TEST(ClassificationReportTest, MeasuresProbabilities) {
  const ClassificationReport report = Example({});
  // The smallest normal float is 2^-126.
  EXPECT_DOUBLE_EQ(report.cross_entropy,
                   -(std::log(.5) + std::log(.75) + std::log(.125) +
                     -126 * std::log(2.0) + std::log(.375)) /
                       5);
  // In units of 1/64: (-4)^2 + 2^2 + 2^2, 2^2 + (-2)^2, 6^2 + (-7)^2 + 1,
  // 4^2 + 4^2 + (-8)^2, 4^2 + (-5)^2 + 1.
  EXPECT_DOUBLE_EQ(report.brier_score, (24 + 8 + 86 + 96 + 42) / 64.0 / 5);
}

// Confidences .5, .5, .5 in the bin (.25, .5], of which one is right; .75, .75
// in (.5, .75], of which one is right.
TEST(ClassificationReportTest, ComparesConfidenceWithAccuracy) {
  const ClassificationReport report = Example({.calibration_bins = 4});
  ASSERT_EQ(report.calibration.size(), 4);
  const int counts[] = {0, 3, 2, 0};
  for (int m = 0; m < 4; ++m) {
    EXPECT_DOUBLE_EQ(report.calibration[m].lower, m / 4.0);
    EXPECT_DOUBLE_EQ(report.calibration[m].upper, (m + 1) / 4.0);
    EXPECT_EQ(report.calibration[m].count, counts[m]);
  }
  EXPECT_EQ(report.calibration[0].mean_confidence, std::nullopt);
  EXPECT_EQ(report.calibration[0].accuracy, std::nullopt);
  EXPECT_THAT(report.calibration[1].mean_confidence, Optional(.5));
  EXPECT_THAT(report.calibration[1].accuracy, Optional(1.0 / 3));
  EXPECT_THAT(report.calibration[2].mean_confidence, Optional(.75));
  EXPECT_THAT(report.calibration[2].accuracy, Optional(.5));
  // 3/5 * |1/3 - .5| + 2/5 * |.5 - .75|
  EXPECT_DOUBLE_EQ(report.expected_calibration_error, .1 + .1);
}

TEST(ClassificationReportTest, SortsMistakesByConfidence) {
  const ClassificationReport report = Example({});
  ASSERT_EQ(report.mistakes.size(), 3);
  EXPECT_EQ(report.mistakes[0].index, 2);
  EXPECT_EQ(report.mistakes[0].label, 1);
  EXPECT_EQ(report.mistakes[0].predicted, 0);
  EXPECT_EQ(report.mistakes[0].probability, .75);
  EXPECT_EQ(report.mistakes[0].label_probability, .125);
  EXPECT_EQ(report.mistakes[1].index, 3);
  EXPECT_EQ(report.mistakes[2].index, 4);

  EXPECT_EQ(report.MostConfidentMistakes(0).size(), 0);
  ASSERT_EQ(report.MostConfidentMistakes(1).size(), 1);
  EXPECT_EQ(report.MostConfidentMistakes(1)[0].index, 2);
  EXPECT_EQ(report.MostConfidentMistakes(100).size(), 3);
}

TEST(ClassificationReportTest, OneClassIsAlwaysRight) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ClassificationReport report,
      MakeClassificationReport(Tensor::Of({2, 1}, {1, 1}), {0, 0}, {"all"}));
  EXPECT_EQ(report.accuracy, 1);
  EXPECT_EQ(report.top_k, 1);
  EXPECT_EQ(report.cross_entropy, 0);
  EXPECT_EQ(report.brier_score, 0);
  EXPECT_EQ(report.expected_calibration_error, 0);
  EXPECT_EQ(report.calibration.size(), 15);
  EXPECT_EQ(report.calibration[14].count, 2);
  EXPECT_EQ(report.calibration[14].upper, 1);
  EXPECT_THAT(report.classes[0].f1, Optional(1.0));
  EXPECT_TRUE(report.mistakes.empty());
}

TEST(ClassificationReportTest, AClassWithoutExamplesHasNoNumbers) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ClassificationReport report,
      MakeClassificationReport(Tensor::Of({1, 2}, {1, 0}), {0}, {"a", "b"}));
  EXPECT_EQ(report.classes[1].support, 0);
  EXPECT_EQ(report.classes[1].precision, std::nullopt);
  EXPECT_EQ(report.classes[1].recall, std::nullopt);
  EXPECT_EQ(report.classes[1].f1, std::nullopt);
  EXPECT_THAT(report.macro_precision, Optional(1.0));
  EXPECT_THAT(report.macro_recall, Optional(1.0));
  EXPECT_THAT(report.macro_f1, Optional(1.0));
  // Nor does it count where others without a value do.
  EXPECT_EQ(report.macro_precision_with_zeros, 1);
  EXPECT_EQ(report.macro_recall_with_zeros, 1);
  EXPECT_EQ(report.macro_f1_with_zeros, 1);
}

TEST(ClassificationReportTest, RejectsWhatAreNoProbabilities) {
  const auto report = [](float a, float b) {
    return MakeClassificationReport(Tensor::Of({2, 2}, {1, 0, a, b}), {0, 1},
                                    {"a", "b"});
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(report(nan, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("example 1 has probability nan of class 0")));
  EXPECT_THAT(report(0, std::numeric_limits<float>::infinity()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("probability inf of class 1")));
  EXPECT_THAT(report(-0.5f, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("probability -0.5 of class 0")));
  EXPECT_THAT(report(0.5f, 0.25f),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("of example 1 add up to 0.75")));
  EXPECT_THAT(report(0.5f, 0.5005f), IsOk());
}

TEST(ClassificationReportTest, RejectsSizesThatDiffer) {
  const Tensor p = Tensor::Of({2, 2}, {1, 0, 1, 0});
  const auto rejected = [](const std::string& text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  EXPECT_THAT(
      MakeClassificationReport(p, {0}, {"a", "b"}),
      rejected("probabilities are float32 [2, 2]; expected float32 [1, 2] "
               "for 1 labels and 2 classes"));
  EXPECT_THAT(MakeClassificationReport(p, {0, 0}, {"a"}),
              rejected("expected float32 [2, 1]"));
  EXPECT_THAT(MakeClassificationReport(Tensor({2, 2}, ElementType::kUint8),
                                       {0, 0}, {"a", "b"}),
              rejected("probabilities are uint8 [2, 2]"));
  EXPECT_THAT(MakeClassificationReport(Tensor({0, 2}), {}, {"a", "b"}),
              rejected("there are 0 examples and 2 classes"));
  EXPECT_THAT(MakeClassificationReport(p, {0, 2}, {"a", "b"}),
              rejected("example 1 has label 2; expected a number in [0, 2)"));
  EXPECT_THAT(MakeClassificationReport(p, {-1, 0}, {"a", "b"}),
              rejected("example 0 has label -1"));
  EXPECT_THAT(MakeClassificationReport(p, {0, 0}, {"a", "b"}, {.top_k = 0}),
              rejected("top_k is 0"));
  EXPECT_THAT(
      MakeClassificationReport(p, {0, 0}, {"a", "b"}, {.calibration_bins = 0}),
      rejected("calibration_bins is 0"));
}

}  // namespace
}  // namespace lenslet
