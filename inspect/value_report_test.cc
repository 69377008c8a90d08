#include "lenslet/inspect/value_report.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Of three examples with two values: errors 1, 0, 3 of the first and 0, 0, 4 of
// the second, whose targets are all equal.
absl::StatusOr<ValueReport> OfTwoValues() {
  return MakeValueReport({1, 5, 2, 5, 0, 9}, {2, 5, 2, 5, 3, 5},
                         {"width", "height"});
}

TEST(ValueReport, MeasuresEachValueAndAllTogether) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ValueReport report, OfTwoValues());
  EXPECT_EQ(report.examples, 3);
  EXPECT_DOUBLE_EQ(report.errors.mean_absolute_error(), 8.0 / 6);
  EXPECT_DOUBLE_EQ(report.errors.mean_squared_error(), 26.0 / 6);
  ASSERT_EQ(report.values.size(), 2);
  EXPECT_EQ(report.values[0].name, "width");
  EXPECT_DOUBLE_EQ(report.values[0].errors.mean_absolute_error(), 4.0 / 3);
  EXPECT_DOUBLE_EQ(report.values[1].errors.root_mean_squared_error(),
                   std::sqrt(16.0 / 3));
  // The squared errors are 10, and the squared distances from the mean 7/3, 2.
  EXPECT_DOUBLE_EQ(*report.values[0].r2, 1 - 10 / (2.0 / 3));
  EXPECT_FALSE(report.values[1].r2.has_value());
  EXPECT_DOUBLE_EQ(*report.mean_r2, *report.values[0].r2);
}

TEST(ValueReport, SortsExamplesByError) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ValueReport report, OfTwoValues());
  ASSERT_EQ(report.examples_by_error.size(), 3);
  const ExampleError& worst = report.examples_by_error[0];
  EXPECT_EQ(worst.index, 2);
  EXPECT_DOUBLE_EQ(worst.mean_absolute_error, 3.5);
  EXPECT_EQ(worst.value, 1);
  EXPECT_EQ(worst.target, 5);
  EXPECT_EQ(worst.output, 9);
  EXPECT_EQ(report.examples_by_error[1].index, 0);
  EXPECT_EQ(report.examples_by_error[2].index, 1);
}

TEST(ValueReport, Prints) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ValueReport report, OfTwoValues());
  EXPECT_EQ(ValueSummary(report),
            "mean absolute error        1.3333\n"
            "mean squared error         4.3333\n"
            "root mean squared error    2.0817\n"
            "mean R2                  -14.0000\n");
  EXPECT_EQ(ValueTable(report),
            "   value      MAE     MSE    RMSE        R2\n"
            "0  width   1.3333  3.3333  1.8257  -14.0000\n"
            "1  height  1.3333  5.3333  2.3094         -\n");
  EXPECT_EQ(LargestErrorTable(report, 1),
            "example     MAE  worst value    true  predicted\n"
            "      2  3.5000  height       5.0000     9.0000\n");
}

TEST(ValueReport, OneValueNeedsNoTable) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ValueReport report,
                               MakeValueReport({1, 2}, {1, 3}, {"price"}));
  EXPECT_EQ(ValueTable(report), "");
  EXPECT_THAT(ValueSummary(report), HasSubstr("\nR2  "));
}

TEST(ValueReport, AsJson) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ValueReport report, OfTwoValues());
  const nlohmann::ordered_json json = ValueReportToJson(report);
  EXPECT_EQ(json["examples"], 3);
  EXPECT_DOUBLE_EQ(json["mean_absolute_error"].get<double>(), 8.0 / 6);
  EXPECT_EQ(json["values"][0]["name"], "width");
  EXPECT_TRUE(json["values"][1]["r2"].is_null());
  EXPECT_EQ(json["examples_by_error"][0]["index"], 2);
}

TEST(ValueReport, RejectsWhatIsNoNumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(MakeValueReport({0, 0, nan}, {0, 0, 0}, {"a"}).status().message(),
              HasSubstr("example 2 has value nan at 0"));
  EXPECT_FALSE(MakeValueReport({1}, {1, 2}, {"a"}).ok());
  EXPECT_FALSE(MakeValueReport({}, {}, {"a"}).ok());
}

TEST(ValueReport, OfADataSet) {
  ExampleArrays arrays = {.inputs = Tensor({2, 1}),
                          .targets = Tensor({2, 3}),
                          .kind = TargetKind::kValues};
  Tensor outputs({2, 3});
  for (int i = 0; i < 6; ++i) {
    arrays.targets.data()[i] = i;
    outputs.data()[i] = i == 4 ? 6 : i;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               MakeDataset(std::move(arrays), {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const ValueReport report,
                               MakeValueReport(outputs, dataset));
  EXPECT_EQ(report.values[1].name, "value 1");
  EXPECT_DOUBLE_EQ(report.values[1].errors.mean_absolute_error(), 1);
  EXPECT_EQ(report.values[2].errors.mean_absolute_error(), 0);
}

}  // namespace
}  // namespace lenslet
