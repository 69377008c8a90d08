#include "lenslet/train/runs/sweep_results.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

SweepResult Finished(double test_accuracy) {
  return {.status = SweepResult::Status::kFinished,
          .reason = "",
          .fingerprint = "f",
          .parameters = 1234,
          .metrics = {.train_loss = 0.5,
                      .train_accuracy = 0.75,
                      .test_accuracy = test_accuracy},
          .seconds = 2,
          .examples_per_second = 60000};
}

SweepResult Failed(const std::string& reason) {
  return {.status = SweepResult::Status::kFailed,
          .reason = reason,
          .fingerprint = "f"};
}

Sweep OneAxis(int seeds) {
  Sweep sweep = {.axes = {{.field = "model", .values = {"a", "b", "c"}}},
                 .points = {{"a"}, {"b"}, {"c"}},
                 .runs = {}};
  for (size_t point = 0; point < 3; ++point) {
    for (int k = 0; k < seeds; ++k) {
      sweep.runs.push_back({.name = sweep.points[point][0] + std::to_string(k),
                            .point = point,
                            .recipe = {}});
    }
  }
  return sweep;
}

TEST(SweepResultsTest, RowsAreSortedByTestAccuracyAndFailuresLast) {
  const std::vector<SweepResult> results = {Failed("no, \"really\""),
                                            Finished(0.25), Finished(0.5)};
  EXPECT_EQ(SweepText(OneAxis(1), results),
            "model  parameters  train loss  train acc  test acc  seconds  "
            "examples/s  remark\n"
            "c           1,234      0.5000     0.7500    0.5000      2.0      "
            "60,000\n"
            "b           1,234      0.5000     0.7500    0.2500      2.0      "
            "60,000\n"
            "a                                                                "
            "        failed: no, \"really\"\n"
            "\n"
            "sorted by test accuracy, highest first\n");
  EXPECT_EQ(SweepCsv(OneAxis(1), results),
            "model,finished,failed,parameters,train_loss,train_loss_deviation,"
            "train_accuracy,train_accuracy_deviation,validation_loss,"
            "validation_loss_deviation,validation_accuracy,"
            "validation_accuracy_deviation,test_loss,test_loss_deviation,"
            "test_accuracy,test_accuracy_deviation,seconds,seconds_deviation,"
            "examples_per_second,examples_per_second_deviation,reason\n"
            "c,1,0,1234,0.5,,0.75,,,,,,,,0.5,,2,,60000,,\n"
            "b,1,0,1234,0.5,,0.75,,,,,,,,0.25,,2,,60000,,\n"
            "a,0,1,,,,,,,,,,,,,,,,,,\"no, \"\"really\"\"\"\n");
}

// The files have all metrics; the table for terminals, the main ones.
TEST(SweepResultsTest, FilesHaveAllMetrics) {
  SweepResult result = Finished(0.9);
  result.metrics.test_top_5_accuracy = 0.99;
  const std::vector<SweepResult> results = {result, SweepResult(),
                                            SweepResult()};
  EXPECT_THAT(SweepCsv(OneAxis(1), results),
              HasSubstr(",test_top_5_accuracy,"));
  EXPECT_THAT(SweepText(OneAxis(1), results), Not(HasSubstr("top-5")));
  const std::optional<SweepResult> found =
      FindFinished(SweepJson(OneAxis(1), results), "a0", "f");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->metrics.test_top_5_accuracy, 0.99);
  EXPECT_EQ(found->metrics.test_loss, std::nullopt);
}

TEST(SweepResultsTest, ValidationAccuracyComesBeforeTestAccuracy) {
  std::vector<SweepResult> results = {Finished(0.9), Finished(0.5),
                                      Finished(0.1)};
  results[0].metrics.validation_accuracy = 0.2;
  results[1].metrics.validation_accuracy = 0.3;
  results[2].metrics.validation_accuracy =
      std::numeric_limits<double>::quiet_NaN();
  const std::string csv = SweepCsv(OneAxis(1), results);
  EXPECT_LT(csv.find("\nb,"), csv.find("\na,"));
  EXPECT_LT(csv.find("\na,"), csv.find("\nc,"));
}

// AUC has no column otherwise.
TEST(SweepResultsTest, TheMetricOfBestByComesFirst) {
  Sweep sweep = OneAxis(1);
  for (SweepRun& run : sweep.runs) {
    run.recipe.mutable_save()->set_best_by("auc");
  }
  std::vector<SweepResult> results(3);
  for (int i = 0; i < 3; ++i) {
    results[i] = {.status = SweepResult::Status::kFinished,
                  .reason = "",
                  .fingerprint = "f",
                  .metrics = {.train_f1 = 0.5,
                              .validation_loss = 1,
                              .validation_f1 = 0.3 - 0.1 * i,
                              .validation_auc = 0.6 + 0.1 * i}};
  }
  const std::string text = SweepText(sweep, results);
  EXPECT_THAT(text, HasSubstr("valid F1  valid AUC"));
  EXPECT_THAT(text,
              EndsWith("\nsorted by validation AUC (save.best_by), highest "
                       "first\n"));
  EXPECT_LT(text.find("\nc "), text.find("\nb "));
  EXPECT_LT(text.find("\nb "), text.find("\na "));
  EXPECT_THAT(SweepJson(sweep, results),
              HasSubstr("\"sorted_by\": \"validation_auc\""));
  // In validation examples of one label, it is undefined.
  std::vector<SweepResult> undefined = results;
  for (SweepResult& result : undefined) {
    result.metrics.validation_auc = std::nullopt;
  }
  EXPECT_THAT(SweepText(sweep, undefined),
              EndsWith("sorted by validation F1, highest first; validation AUC "
                       "(save.best_by) is undefined in all runs\n"));
  // A loss is better the lower it is.
  for (SweepRun& run : sweep.runs) {
    run.recipe.mutable_save()->set_best_by("loss");
  }
  results[1].metrics.validation_loss = 0.5;
  EXPECT_THAT(SweepText(sweep, results),
              EndsWith("sorted by validation loss (save.best_by), lowest "
                       "first\n"));
  EXPECT_LT(SweepText(sweep, results).find("\nb "),
            SweepText(sweep, results).find("\na "));
  // Different ones say nothing of the table.
  sweep.runs[0].recipe.mutable_save()->set_best_by("auc");
  EXPECT_THAT(SweepText(sweep, results),
              EndsWith("sorted by validation F1, highest first\n"));
}

// Of values, the mean absolute error; lower is better.
TEST(SweepResultsTest, OfValuesTheLowestErrorIsFirst) {
  std::vector<SweepResult> results(3, Finished(0));
  for (int i = 0; i < 3; ++i) {
    results[i].metrics = {.train_loss = 0.5};
    results[i].metrics.validation_mean_absolute_error = 3 - i;
  }
  results[2].metrics.validation_mean_absolute_error =
      std::numeric_limits<double>::quiet_NaN();
  const std::string csv = SweepCsv(OneAxis(1), results);
  EXPECT_LT(csv.find("\nb,"), csv.find("\na,"));
  EXPECT_LT(csv.find("\na,"), csv.find("\nc,"));
  EXPECT_THAT(csv, HasSubstr(",validation_mean_absolute_error,"));
  EXPECT_EQ(csv.find("accuracy"), std::string::npos);
  EXPECT_THAT(SweepText(OneAxis(1), results), HasSubstr("valid MAE"));
}

TEST(SweepResultsTest, OfLabelsTheHighestF1IsFirst) {
  std::vector<SweepResult> results(3, Finished(0));
  for (int i = 0; i < 3; ++i) {
    results[i].metrics = {.train_loss = 0.5};
    results[i].metrics.test_f1 = 0.2 * i;
  }
  const std::string csv = SweepCsv(OneAxis(1), results);
  EXPECT_LT(csv.find("\nc,"), csv.find("\nb,"));
  EXPECT_LT(csv.find("\nb,"), csv.find("\na,"));
}

TEST(SweepResultsTest, SeveralSeedsGiveMeanAndSampleDeviation) {
  // 0.4 and 0.6: mean 0.5, deviation sqrt((0.01 + 0.01) / 1).
  const std::vector<SweepResult> results = {Finished(0.4), Finished(0.6),
                                            Failed("x"),   Finished(0.3),
                                            SweepResult{}, SweepResult{}};
  const std::string text = SweepText(OneAxis(2), results);
  EXPECT_THAT(text, StartsWith("model  runs  parameters"));
  EXPECT_THAT(text, HasSubstr("0.5000 +- 0.1414"));
  EXPECT_THAT(text, HasSubstr("1 failed: x"));
  EXPECT_THAT(text, HasSubstr("not run"));
}

TEST(SweepResultsTest, WhatFinishedIsFoundAgain) {
  const Sweep sweep = OneAxis(1);
  const std::string json = SweepJson(
      sweep,
      std::vector<SweepResult>{Finished(0.4), Failed("\xff"), SweepResult{}});
  const std::optional<SweepResult> found = FindFinished(json, "a0", "f");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->status, SweepResult::Status::kFinished);
  EXPECT_EQ(found->parameters, 1234);
  EXPECT_EQ(found->metrics.test_accuracy, 0.4);
  EXPECT_EQ(found->seconds, 2);
  EXPECT_FALSE(found->metrics.validation_accuracy.has_value());
  EXPECT_FALSE(FindFinished(json, "a0", "g").has_value());
  EXPECT_FALSE(FindFinished(json, "b0", "f").has_value());
  EXPECT_FALSE(FindFinished(json, "c0", "f").has_value());
  for (const char* text : {"", "{", "[]", "{\"runs\": 1}", "{\"runs\": [1]}",
                           "{\"runs\": [{\"name\": \"a0\"}]}"}) {
    EXPECT_FALSE(FindFinished(text, "a0", "f").has_value()) << text;
  }
}

}  // namespace
}  // namespace lenslet
