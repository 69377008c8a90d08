#include "lenslet/inspect/label_report.h"

#include <limits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Of four examples with three labels. The first is always right; the second is
// missed once, with a score of -2, and wrongly given once, with 1; the third
// applies to none and is given to none.
absl::StatusOr<LabelReport> OfThreeLabels() {
  return MakeLabelReport({1, -2, -1, -1, 1, -1, 2, 3, -1, -3, -1, -1},
                         {1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0},
                         {"sea", "sky", "sun"});
}

TEST(LabelReport, MeasuresEachLabel) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const LabelReport report, OfThreeLabels());
  EXPECT_EQ(report.metrics.examples, 4);
  EXPECT_EQ(report.metrics.exact, 2);
  EXPECT_EQ(report.labels[0].counts.f1(), 1);
  EXPECT_EQ(report.labels[0].auc, 1);
  EXPECT_EQ(report.labels[1].support(), 2);
  EXPECT_EQ(report.labels[1].predicted(), 2);
  EXPECT_EQ(report.labels[1].counts.precision(), 0.5);
  // Of the pairs (-2, 1), (-2, -1), (3, 1) and (3, -1), two are in order.
  EXPECT_EQ(report.labels[1].auc, 0.5);
  EXPECT_FALSE(report.labels[2].counts.f1().has_value());
  EXPECT_FALSE(report.labels[2].auc.has_value());
  EXPECT_EQ(report.macro_auc, 0.75);
}

TEST(LabelReport, SortsMistakesByConfidence) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const LabelReport report, OfThreeLabels());
  ASSERT_EQ(report.mistakes.size(), 2);
  EXPECT_EQ(report.mistakes[0].index, 0);
  EXPECT_EQ(report.mistakes[0].label, 1);
  EXPECT_TRUE(report.mistakes[0].applies);
  EXPECT_NEAR(report.mistakes[0].probability, 0.1192, 1e-4);
  EXPECT_EQ(report.mistakes[1].index, 1);
  EXPECT_FALSE(report.mistakes[1].applies);
}

TEST(LabelReport, Prints) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const LabelReport report, OfThreeLabels());
  EXPECT_EQ(LabelSummary(report),
            "exact match   0.5000  2 of 4\n"
            "hamming loss  0.1667\n"
            "\n"
            "                  precision  recall      F1     AUC\n"
            "all together         0.7500  0.7500  0.7500\n"
            "mean without -       0.7500  0.7500  0.7500  0.7500\n"
            "mean with - as 0     0.5000  0.5000  0.5000\n");
  EXPECT_EQ(
      LabelTable(report),
      "   label  examples  predicted  precision  recall      F1     AUC\n"
      "0  sea           2          2     1.0000  1.0000  1.0000  1.0000\n"
      "1  sky           2          2     0.5000  0.5000  0.5000  0.5000\n"
      "2  sun           0          0          -       -       -       -\n");
  EXPECT_EQ(LabelMistakeTable(report, 1),
            "example  label  applies       p\n"
            "      0  sky    yes      0.1192\n");
}

TEST(LabelReport, AsJson) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const LabelReport report, OfThreeLabels());
  const nlohmann::ordered_json json = LabelReportToJson(report);
  EXPECT_EQ(json["exact"], 2);
  EXPECT_EQ(json["micro_f1"], 0.75);
  EXPECT_EQ(json["macro_f1"], 0.75);
  // As scikit-learn's f1_score(average="macro") of all three columns.
  EXPECT_EQ(json["macro_f1_with_zeros"], 0.5);
  EXPECT_EQ(json["labels"][1]["recall"], 0.5);
  EXPECT_TRUE(json["labels"][2]["auc"].is_null());
  EXPECT_EQ(json["mistakes"][1]["applies"], false);
}

TEST(LabelReport, RejectsWhatIsNoNumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(MakeLabelReport({0, nan}, {0, 0}, {"a", "b"}).status().message(),
              HasSubstr("example 0 has score nan of label 1"));
  EXPECT_FALSE(MakeLabelReport({1}, {1, 0}, {"a"}).ok());
}

TEST(LabelReport, OfADataSetWhichHasNoClasses) {
  ExampleArrays arrays = {.inputs = Tensor({2, 1}),
                          .targets = Tensor({2, 2}, ElementType::kUint8),
                          .kind = TargetKind::kLabels};
  arrays.targets.data<uint8_t>()[1] = 1;
  Tensor scores({2, 2});
  scores.data()[1] = 1;
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               MakeDataset(std::move(arrays), {"a", "b"}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const LabelReport report,
                               MakeLabelReport(scores, dataset));
  EXPECT_EQ(report.metrics.exact, 2);
  EXPECT_EQ(report.labels[1].support(), 1);
  EXPECT_THAT(MakeClassificationReport(scores, dataset).status().message(),
              HasSubstr("labels of shape [2]; expected a class"));
}

}  // namespace
}  // namespace lenslet
