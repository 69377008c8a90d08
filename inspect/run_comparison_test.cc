#include "lenslet/inspect/run_comparison.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/train/runs/history.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

// Three epochs of 100 steps and 2 seconds. The second has the lowest validation
// loss, the third the highest accuracies. The test set is measured after the
// last two.
ComparedRun Steady() {
  ComparedRun run = {.name = "steady", .recipe = {}, .records = {}};
  run.recipe.set_model("lenet");
  run.recipe.set_learning_rate(0.9);
  run.records = {{.step = 50,
                  .epoch = 0.5,
                  .learning_rate = 0.9,
                  .train_loss = 2,
                  .train_accuracy = 0.95,
                  .seconds = 1,
                  .examples_per_second = 1000},
                 {.step = 100,
                  .epoch = 1,
                  .learning_rate = 0.9,
                  .train_loss = 1.5,
                  .train_accuracy = 0.5,
                  .validation_loss = 1.25,
                  .validation_accuracy = 0.625,
                  .seconds = 2,
                  .examples_per_second = 2000,
                  .end_of_epoch = true},
                 {.step = 200,
                  .epoch = 2,
                  .learning_rate = 0.9,
                  .train_loss = 1,
                  .train_accuracy = 0.75,
                  .validation_loss = 1,
                  .validation_accuracy = 0.6875,
                  .test_loss = 1.125,
                  .test_accuracy = 0.65625,
                  .seconds = 4,
                  .examples_per_second = 2000,
                  .end_of_epoch = true},
                 {.step = 300,
                  .epoch = 3,
                  .learning_rate = 0.9,
                  .train_loss = 0.5,
                  .train_accuracy = 0.875,
                  .validation_loss = 1.5,
                  .validation_accuracy = 0.703125,
                  .test_loss = 1.25,
                  .test_accuracy = 0.671875,
                  .seconds = 6,
                  .examples_per_second = 2000,
                  .end_of_epoch = true}};
  return run;
}

// Loses its way in its second epoch; has no validation set.
ComparedRun Wild() {
  ComparedRun run = {.name = "wild", .recipe = {}, .records = {}};
  run.recipe.set_model("lenet");
  run.recipe.set_learning_rate(90);
  run.records = {{.step = 100,
                  .epoch = 1,
                  .learning_rate = 90,
                  .train_loss = 123456.5,
                  .train_accuracy = 0.125,
                  .test_loss = 25000,
                  .test_accuracy = 0.25,
                  .seconds = 1,
                  .examples_per_second = 4000,
                  .end_of_epoch = true},
                 {.step = 110,
                  .epoch = 1.1,
                  .learning_rate = 90,
                  .train_loss = NAN,
                  .train_accuracy = 0,
                  .seconds = 1.5,
                  .examples_per_second = 4000}};
  return run;
}

// Runs of values: the lowest error is the best.
TEST(RunComparisonTest, OfValuesTheLowestErrorIsBest) {
  std::vector<ComparedRun> runs(2);
  for (int i = 0; i < 2; ++i) {
    runs[i].name = i == 0 ? "a" : "b";
    for (int epoch = 1; epoch <= 2; ++epoch) {
      MetricsRecord record = {.step = 10 * epoch,
                              .epoch = static_cast<double>(epoch),
                              .train_loss = 1,
                              .seconds = 1,
                              .end_of_epoch = true};
      record.validation_mean_absolute_error = i + epoch;
      runs[i].records.push_back(record);
    }
  }
  const Json json = Json::parse(CompareRunsAsJson(runs));
  const Json& best = json["runs"][1]["best"]["validation_mean_absolute_error"];
  EXPECT_EQ(best["value"], 2);
  EXPECT_EQ(best["epoch"], 1);
  EXPECT_EQ(
      json["over_all_runs"]["last_validation_mean_absolute_error"]["mean"],
      2.5);
  const std::string text = CompareRuns(runs);
  EXPECT_THAT(text, HasSubstr("validation mean absolute error after epoch"));
  EXPECT_THAT(text, Not(HasSubstr("accuracy")));
}

TEST(RunComparisonTest, ShowsRunsSideBySide) {
  EXPECT_EQ(CompareRuns({Steady(), Wild()}),
            R"(recipe         steady  wild
learning_rate  0.9     90

result                                  steady         wild
epochs                                       3          1.1
steps                                      300          110
seconds                                    6.0          1.5
examples/s                               1,833        4,000

last measured
  train loss                            0.5000          nan
  train accuracy                        0.8750       0.0000
  validation loss                       1.5000
  validation accuracy                   0.7031
  test loss                             1.2500        25000
  test accuracy                         0.6719       0.2500

best of each, and its epoch
  train loss                       0.5000 at 3  123456 at 1
  train accuracy                 0.9500 at 0.5  0.1250 at 1
  validation loss                  1.0000 at 2
  validation accuracy              0.7031 at 3
  test loss (optimistic)           1.1250 at 2   25000 at 1
  test accuracy (optimistic)       0.6719 at 3  0.2500 at 1

best.ckpt: best validation loss
  epoch                                      2
  train loss                            1.0000
  train accuracy                        0.7500
  validation loss                       1.0000
  validation accuracy                   0.6875
  test loss                             1.1250
  test accuracy                         0.6562

over all 2 runs       mean  standard deviation
seconds               3.75                3.18
last test accuracy  0.4609              0.2983

train accuracy after epoch  steady    wild
                         1  0.5000  0.1250
                         2  0.7500
                         3  0.8750

validation accuracy after epoch  steady  wild
                              1  0.6250
                              2  0.6875
                              3  0.7031

test accuracy after epoch  steady    wild
                        1          0.2500
                        2  0.6562
                        3  0.6719
)");
}

TEST(RunComparisonTest, LeavesOutWhatNoRunHas) {
  ComparedRun wild = Wild();
  wild.records.resize(1);
  wild.records[0].test_loss = std::nullopt;
  const std::string text = CompareRuns({wild, wild, wild});
  EXPECT_THAT(text, StartsWith("The recipes are the same.\n\nresult "));
  EXPECT_THAT(text, Not(HasSubstr("validation")));
  EXPECT_THAT(text, Not(HasSubstr("test loss")));
  EXPECT_THAT(text, HasSubstr("test accuracy"));
}

// A run that stopped before a second had passed.
TEST(RunComparisonTest, DividesByNoTime) {
  ComparedRun run = {.name = "run", .recipe = {}, .records = {{.step = 1}}};
  EXPECT_EQ(CompareRuns({run, run}),
            "The recipes are the same.\n\n"
            "result   run  run\n"
            "epochs     0    0\n"
            "steps      1    1\n"
            "seconds  0.0  0.0\n"
            "\n"
            "over all 2 runs  mean  standard deviation\n"
            "seconds          0.00                0.00\n");
}

// 4 seconds, 6 seconds and never.
TEST(RunComparisonTest, FindsWhenTheTargetWasReached) {
  ComparedRun late = Steady();
  late.name = "late";
  late.records[2].test_accuracy = 0.65;
  late.records[3].test_accuracy = 0.65625;
  // Between two epochs, of the training set alone.
  late.records[0].train_accuracy = 1;
  const std::string text = CompareRuns({Steady(), late, Wild()}, 0.65625);
  EXPECT_THAT(text, HasSubstr(R"(
target: test accuracy 0.65625
  reached after                  4.0 s, epoch 2  6.0 s, epoch 3  not reached

over all 3 runs )"));
  // Not that of the two that did.
  EXPECT_THAT(text, Not(HasSubstr("seconds to")));
  EXPECT_THAT(CompareRuns({Steady(), late, Wild()}), Not(HasSubstr("target")));
}

// Seconds to the target: (4 + 6 + 6) / 3 = 16 / 3, and
// sqrt((16 / 9 + 4 / 9 + 4 / 9) / 2) = sqrt(4 / 3). Accuracies: 0.5, 0.75 and
// 0.625 have the deviation sqrt((1 / 64 + 1 / 64) / 2) = 1 / 8.
TEST(RunComparisonTest, SumsUpAllRuns) {
  std::vector<ComparedRun> runs = {Steady(), Steady(), Steady()};
  const double last[] = {0.5, 0.75, 0.625};
  for (int i = 0; i < 3; ++i) {
    runs[i].records[2].test_accuracy = i == 0 ? 0.5 : 0.25;
    runs[i].records[3].test_accuracy = last[i];
  }
  EXPECT_THAT(CompareRuns(runs, 0.5), HasSubstr(R"(
over all 3 runs             mean  standard deviation
seconds                     6.00                0.00
last validation accuracy  0.7031              0.0000
last test accuracy        0.6250              0.1250
seconds to target           5.33                1.15

)"));

  const Json json = Json::parse(CompareRunsAsJson(runs, 0.5), nullptr, false);
  EXPECT_EQ(json["target_test_accuracy"], 0.5);
  EXPECT_EQ(json["runs"][0]["target_reached"],
            Json({{"seconds", 4}, {"step", 200}, {"epoch", 2}}));
  EXPECT_EQ(json["over_all_runs"]["last_test_accuracy"],
            Json({{"mean", 0.625}, {"standard_deviation", 0.125}}));
  const Json& seconds = json["over_all_runs"]["seconds_to_target"];
  EXPECT_DOUBLE_EQ(seconds["mean"].get<double>(), 16.0 / 3);
  EXPECT_DOUBLE_EQ(seconds["standard_deviation"].get<double>(),
                   std::sqrt(4.0 / 3));
}

// One run has no spread.
TEST(RunComparisonTest, SumsUpNoSingleRun) {
  EXPECT_THAT(CompareRuns({Steady()}, 0.5), Not(HasSubstr("over all")));
  const Json json =
      Json::parse(CompareRunsAsJson({Steady()}, 0.5), nullptr, false);
  EXPECT_EQ(json["over_all_runs"], Json::object());
}

TEST(RunComparisonTest, IsJson) {
  const Json json =
      Json::parse(CompareRunsAsJson({Steady(), Wild()}), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["recipe_differences"],
            Json({{"learning_rate", {"0.9", "90"}}}));
  ASSERT_EQ(json["runs"].size(), 2u);
  const Json& steady = json["runs"][0];
  EXPECT_EQ(steady["name"], "steady");
  EXPECT_EQ(steady["epochs"], 3);
  EXPECT_EQ(steady["steps"], 300);
  EXPECT_EQ(steady["seconds"], 6);
  // (1 * 1000 + 5 * 2000) / 6
  EXPECT_DOUBLE_EQ(steady["examples_per_second"].get<double>(), 11000.0 / 6);
  EXPECT_EQ(steady["last"]["test_accuracy"],
            Json({{"value", 0.671875}, {"epoch", 3}}));
  EXPECT_EQ(steady["best"]["validation_loss"],
            Json({{"value", 1}, {"epoch", 2}}));
  EXPECT_EQ(steady["best_on_validation"], Json({{"epoch", 2},
                                                {"train_loss", 1},
                                                {"train_accuracy", 0.75},
                                                {"validation_loss", 1},
                                                {"validation_accuracy", 0.6875},
                                                {"test_loss", 1.125},
                                                {"test_accuracy", 0.65625}}));
  ASSERT_EQ(steady["records"].size(), 4u);
  EXPECT_EQ(steady["records"][3], Json::parse(ToJson(Steady().records[3])));

  const Json& wild = json["runs"][1];
  EXPECT_TRUE(wild["best_on_validation"].is_null());
  EXPECT_EQ(wild["last"]["train_loss"],
            Json({{"value", nullptr}, {"epoch", 1.1}}));
  EXPECT_FALSE(wild["last"].contains("validation_loss"));
  EXPECT_FALSE(wild.contains("target_reached"));
  EXPECT_FALSE(json.contains("target_test_accuracy"));
  // What only one run has is left out.
  EXPECT_EQ(json["over_all_runs"].size(), 2u);

  const Json with_target =
      Json::parse(CompareRunsAsJson({Steady(), Wild()}, 0.5), nullptr, false);
  EXPECT_TRUE(with_target["runs"][1]["target_reached"].is_null());
  EXPECT_FALSE(with_target["over_all_runs"].contains("seconds_to_target"));
}

}  // namespace
}  // namespace lenslet
