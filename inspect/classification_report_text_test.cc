#include "lenslet/inspect/classification_report_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/utf8.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ClassificationReport SmallReport() {
  return *MakeClassificationReport(
      Tensor::Of({4, 3}, {.75f, .25f, 0,      //
                          .25f, .75f, 0,      //
                          .5f, .5f, 0,        //
                          .875f, .125f, 0}),  //
      {0, 1, 1, 1}, {"K\u00e4se/Quark", "Pullover of wool from sheep", "x"},
      {.top_k = 2, .calibration_bins = 4});
}

// A class named in `names` for each label, all images taken for the last.
ClassificationReport ReportOf(const std::vector<std::string>& names,
                              int64_t examples) {
  const int64_t classes = static_cast<int64_t>(names.size());
  Tensor probabilities({examples, classes});
  std::vector<int32_t> labels;
  for (int64_t n = 0; n < examples; ++n) {
    probabilities.data()[n * classes + classes - 1] = 1;
    labels.push_back(n % classes);
  }
  return *MakeClassificationReport(probabilities, labels, names);
}

int64_t WidestLine(const std::string& text) {
  int64_t widest = 0;
  for (const auto line : absl::StrSplit(text, '\n')) {
    widest = std::max(widest, CountCharacters(line));
  }
  return widest;
}

TEST(ClassificationReportTextTest, Summary) {
  EXPECT_EQ(ReportSummary(SmallReport()),
            "accuracy           0.5000  2 of 4\n"
            "top-2 accuracy     1.0000\n"
            "cross-entropy      0.8370\n"
            "Brier score        0.5703\n"
            "calibration error  0.4688\n"
            "mean AUC           0.6667\n");
}

TEST(ClassificationReportTextTest, Classes) {
  EXPECT_EQ(
      ClassTable(SmallReport()),
      "   class                 examples  predicted  precision  recall      "
      "F1\n"
      "0  K\u00e4se/Quark                   1          3     0.3333  1.0000  "
      "0.5000\n"
      "1  Pullover of wool fr.         3          1     1.0000  0.3333  "
      "0.5000\n"
      "2  x                            0          0          -       -       "
      "-\n"
      "   mean without -                                0.6667  0.6667  "
      "0.5000\n"
      "   mean with - as 0                              0.6667  0.6667  "
      "0.5000\n");
}

TEST(ClassificationReportTextTest, Thresholds) {
  EXPECT_EQ(ThresholdTable(SmallReport()), "");
  const ClassificationReport two = *MakeClassificationReport(
      Tensor::Of({3, 2}, {.75f, .25f, .5f, .5f, .125f, .875f}), {0, 1, 1},
      {"no", "yes"});
  EXPECT_THAT(
      ThresholdTable(two),
      AllOf(
          StartsWith("p of yes  precision  recall      F1  false positives\n"
                     "0.1          0.6667  1.0000  0.8000           1.0000\n"),
          HasSubstr("0.6          1.0000  0.5000  0.6667           0.0000\n"),
          // Nothing is predicted.
          HasSubstr("0.9               -  0.0000  0.0000           0.0000\n")));
}

TEST(ClassificationReportTextTest, Confusion) {
  EXPECT_EQ(ConfusionTable(SmallReport()),
            "   class         K\u00e4se/.  Pullo.  x\n"
            "0  K\u00e4se/Quark         1       0  0\n"
            "1  Pullover of.       2       1  0\n"
            "2  x                  0       0  0\n");
}

TEST(ClassificationReportTextTest, ColumnsOfSimilarNamesHaveNumbers) {
  EXPECT_EQ(ConfusionTable(ReportOf({"running shoe", "running dog"}, 2)),
            "   class         0  1\n"
            "0  running shoe  0  1\n"
            "1  running dog   0  1\n");
}

TEST(ClassificationReportTextTest, TenClassesFitInto100Columns) {
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(absl::StrCat(i, " long name"));
  const ClassificationReport report = ReportOf(names, 99999);
  const std::string table = ConfusionTable(report);
  EXPECT_THAT(table, HasSubstr("  0 lon.  1 lon.  "));
  EXPECT_LE(WidestLine(table), 100);
  EXPECT_LE(WidestLine(ClassTable(report)), 100);
  EXPECT_LE(WidestLine(MistakeTable(report, 10)), 100);
}

TEST(ClassificationReportTextTest, OfManyClassesTheMostFrequentMistakes) {
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) names.push_back(absl::StrCat("class ", i));
  const std::string table = ConfusionTable(ReportOf(names, 61));
  EXPECT_THAT(table, StartsWith("class     taken for  examples  of\n"
                                "class 0   class 59          2   2\n"
                                "class 1   class 59          1   1\n"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 21);
}

TEST(ClassificationReportTextTest, CalibrationLeavesOutEmptyBins) {
  EXPECT_EQ(CalibrationTable(SmallReport()),
            "confidence      examples  mean confidence  accuracy\n"
            "0.250 to 0.500         1           0.5000    0.0000\n"
            "0.500 to 0.750         2           0.7500    1.0000\n"
            "0.750 to 1.000         1           0.8750    0.0000\n");
}

TEST(ClassificationReportTextTest, Mistakes) {
  EXPECT_EQ(MistakeTable(SmallReport(), 1),
            "example  class                      p  taken for        p\n"
            "      3  Pullover of wool fr.  0.1250  K\u00e4se/Quark  0.8750\n");
}

TEST(ClassificationReportTextTest, AThousandClassesStayReadable) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(absl::StrCat("class ", i));
  // Of classes 0 to 499; all are taken for class 999, which is not there.
  const ClassificationReport report = ReportOf(names, 500);
  const std::string table = ClassTable(report);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 1 + 40 + 1 + 2);
  EXPECT_THAT(table, AllOf(HasSubstr("class 0 "), HasSubstr("class 39 "),
                           HasSubstr("(960 others)")));
  const std::string mistakes = ConfusionTable(report);
  EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), '\n'), 1 + 20);
}

}  // namespace
}  // namespace lenslet
