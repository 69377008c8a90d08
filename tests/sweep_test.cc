// lenslet sweep, as a user runs it.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SweepToolTest : public ::testing::Test {
 protected:
  SweepToolTest()
      : folder_(EmptyTempFolder("sweep_test")),
        recipe_(WriteSmallRecipe(folder_)),
        run_dir_(folder_ + "/runs") {}

  ProgramResult Sweep(std::vector<std::string> arguments,
                      const std::string& prefix = "") const {
    arguments.insert(arguments.end(),
                     {recipe_, "--run_dir=" + run_dir_, "--threads=1",
                      "--set=save.every_steps=0"});
    return RunLenslet("sweep", arguments, prefix);
  }

  nlohmann::json Json() const {
    return nlohmann::json::parse(
        ReadFile(run_dir_ + "/sweep.json").value_or(""), nullptr,
        /*allow_exceptions=*/false);
  }

  const std::string folder_, recipe_, run_dir_;
};

TEST_F(SweepToolTest, HelpTellsOfTheGrid) {
  const ProgramResult result = RunLenslet("sweep", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("layer.conv1.kernel=3,5"));
}

TEST_F(SweepToolTest, TrainsAllCombinationsAndSkipsThemTheNextTime) {
  const std::vector<std::string> arguments = {
      "--set=epochs=2", "--grid=layer.conv.output_channels=2,4",
      "--grid=optimizer={kind: SGD}|{kind: ADAM}"};
  const ProgramResult first = Sweep(arguments);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.err, "");
  // Images of 6 x 6 after the convolution, 3 classes: with c channels 9 c
  // weights, 2 c of the normalization, and 3 (36 c + 1).
  EXPECT_THAT(first.out,
              AllOf(ContainsRegex(
                        "\\[1/4\\] layer.conv.output_channels=2,optimizer=_kind"
                        "[^\n]*\n  loss "),
                    HasSubstr("[4/4] "),
                    ContainsRegex("layer.conv.output_channels  optimizer     "
                                  "parameters  train loss"),
                    ContainsRegex("\n2  +\\{kind: ADAM\\}  +241 "),
                    ContainsRegex("\n4  +\\{kind: SGD\\}  +479 "),
                    Not(HasSubstr("(done before)"))));
  EXPECT_THAT(ReadFile(run_dir_ + "/sweep.csv").value_or(""),
              HasSubstr("layer.conv.output_channels,optimizer,finished,"));
  const nlohmann::json json = Json();
  ASSERT_EQ(json["runs"].size(), 4u);
  // Highest validation accuracy first.
  double before = 1;
  for (const nlohmann::json& point : json["points"]) {
    const double accuracy = point["validation_accuracy"]["mean"];
    EXPECT_LE(accuracy, before);
    before = accuracy;
  }
  for (const nlohmann::json& run : json["runs"]) {
    EXPECT_EQ(run["status"], "finished");
    EXPECT_TRUE(std::filesystem::exists(absl::StrCat(
        run_dir_, "/", run["name"].get<std::string>(), "/latest.ckpt")));
  }

  // The table is the same to the digit, with the seconds of then.
  const ProgramResult second = Sweep(arguments);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("(done before)"));
  EXPECT_EQ(second.out.substr(second.out.find("\n\n")),
            first.out.substr(first.out.find("\n\n")));
  EXPECT_EQ(Json(), json);

  // One that lost its folder is trained again, and so are other recipes' runs.
  std::filesystem::remove_all(
      absl::StrCat(run_dir_, "/", json["runs"][1]["name"].get<std::string>()));
  const ProgramResult third = Sweep(arguments);
  EXPECT_EQ(third.exit_code, 0) << third.err;
  EXPECT_THAT(
      third.out,
      AllOf(ContainsRegex("\\[1/4\\] [^\n]*\n[^\n]*\\(done before\\)"),
            Not(ContainsRegex("\\[2/4\\] [^\n]*\n[^\n]*\\(done before\\)"))));
  EXPECT_EQ(Json()["runs"][1]["validation_accuracy"],
            json["runs"][1]["validation_accuracy"]);
}

TEST_F(SweepToolTest, SeveralSeedsHaveADeviation) {
  const ProgramResult result =
      Sweep({"--set=steps=3", "--grid=batch_size=8,16", "--seeds=2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("[2/4] batch_size=8,seed=4\n  loss "),
                                ContainsRegex("batch_size  runs  parameters"),
                                ContainsRegex("\n8  +2  +479  .* \\+- ")));
}

TEST_F(SweepToolTest, CrossValidatesAndResumes) {
  const std::vector<std::string> arguments = {
      "--set=steps=3", "--set=data.validation_fraction=0", "--folds=3"};
  const ProgramResult first = Sweep(arguments);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, AllOf(HasSubstr("[3/3] fold=3of3\n  loss "),
                               ContainsRegex("\n +3  +479  .* \\+- ")));
  const nlohmann::json json = Json();
  ASSERT_EQ(json["points"].size(), 1u);
  EXPECT_EQ(json["points"][0]["finished"], 3);
  double sum = 0;
  for (int fold = 0; fold < 3; ++fold) {
    EXPECT_EQ(json["runs"][fold]["fold"], fold + 1);
    sum += json["runs"][fold]["validation_accuracy"].get<double>();
  }
  EXPECT_NEAR(json["points"][0]["validation_accuracy"]["mean"].get<double>(),
              sum / 3, 1e-12);

  // A fold that was lost is trained again, to the same number.
  std::filesystem::remove_all(run_dir_ + "/fold=2of3");
  const ProgramResult second = Sweep(arguments);
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(
      second.out,
      AllOf(ContainsRegex("\\[1/3\\] [^\n]*\n[^\n]*\\(done before\\)"),
            Not(ContainsRegex("\\[2/3\\] [^\n]*\n[^\n]*\\(done before\\)"))));
  EXPECT_EQ(Json()["runs"][1]["validation_accuracy"],
            json["runs"][1]["validation_accuracy"]);
}

TEST_F(SweepToolTest, ARunThatDivergesDoesNotEndTheOthers) {
  const std::vector<std::string> arguments = {
      "--set=steps=3", "--set=clip_norm=0", "--set=optimizer={kind: SGD}",
      "--set=schedule={}", "--grid=learning_rate=1e30,0.01"};
  const ProgramResult result = Sweep(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      AllOf(ContainsRegex("\\[1/2\\] learning_rate=1e30\n  failed: .*diverged"),
            ContainsRegex("\\[2/2\\] learning_rate=0.01\n  loss "),
            ContainsRegex("\n1e30 .* failed: .*diverged")));

  const ProgramResult all_fail = Sweep(
      {"--set=steps=3", "--set=clip_norm=0", "--set=optimizer={kind: SGD}",
       "--set=schedule={}", "--grid=learning_rate=1e30"});
  EXPECT_EQ(all_fail.exit_code, 1);
}

TEST_F(SweepToolTest, GoesOnAfterASignal) {
  ProgramResult stopped;
  // Longer than the program takes to start, in any build.
  double seconds = 0.1;
  for (; seconds < 100; seconds *= 2) {
    std::filesystem::remove_all(run_dir_);
    stopped = Sweep({"--set=epochs=100000", "--grid=batch_size=16,8"},
                    absl::StrCat("timeout --preserve-status ", seconds));
    // Too early to be caught.
    if (std::filesystem::exists(run_dir_ + "/batch_size=16/latest.ckpt")) break;
  }
  EXPECT_EQ(stopped.exit_code, 128 + 15) << stopped.err;
  EXPECT_THAT(stopped.out,
              ContainsRegex("\\[1/2\\] batch_size=16  stopped; saved in .*; "
                            "rerun the same command to resume\n$"));
  EXPECT_FALSE(std::filesystem::exists(run_dir_ + "/batch_size=8"));
  EXPECT_EQ(Json()["runs"][0]["status"], "not run");
  // All that was measured is still there when it has gone on.
  const std::string metrics = run_dir_ + "/batch_size=16/metrics.jsonl";
  const std::string before = ReadFile(metrics).value_or("");
  ASSERT_THAT(before, StartsWith("{\"step\":1,"));
  const ProgramResult again =
      Sweep({"--set=epochs=100000", "--grid=batch_size=16"},
            absl::StrCat("timeout --preserve-status ", 2 * seconds));
  EXPECT_EQ(again.exit_code, 128 + 15) << again.err;
  const std::string after = ReadFile(metrics).value_or("");
  EXPECT_GT(after.size(), before.size());
  EXPECT_EQ(after.substr(0, before.size()), before);
}

TEST_F(SweepToolTest, WhatIsWrongIsToldBeforeAnythingIsTrained) {
  const auto expect = [&](const std::vector<std::string>& arguments, int code,
                          const std::vector<std::string>& lines) {
    const ProgramResult result = Sweep(arguments);
    EXPECT_EQ(result.exit_code, code);
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'),
              static_cast<int64_t>(lines.size()))
        << result.err;
    for (const std::string& line : lines) {
      EXPECT_THAT(result.err, HasSubstr(line));
    }
    EXPECT_EQ(result.out, "");
    EXPECT_FALSE(std::filesystem::exists(run_dir_));
  };
  expect({}, 2,
         {"--grid is required, unless --seeds or --folds is at least 2"});
  expect({"--grid=modell=a,b"}, 2,
         {"--grid: \"modell=a\": recipes have no field \"modell\"; "
          "did you mean \"model\"?"});
  expect(
      {"--grid=epochs=1,,2", "--grid=batch_size=8", "--grid=batch_size=16"}, 2,
      {"a value is empty", "\"batch_size\" is a duplicate field of the grid"});
  expect({"--grid=epochs=1", "--seeds=0"}, 2, {"--seeds"});
  expect({"--folds=1"}, 2, {"--folds is 1; expected at least 2"});
  expect(
      {"--folds=3"}, 2,
      {"--folds cannot be combined with data.validation_fraction, which is "});
  expect({"--grid=epochs=1,2", "--epochs=3"}, 2,
         {"--grid=epochs and --epochs cannot be combined"});
  expect({"--grid=epochs=1,2", "--set=epochs=3"}, 2,
         {"--grid=epochs and --set cannot be combined"});
  expect({"--grid=epochs=1", "--set=epoch=2"}, 2, {"--set: \"epoch=2\""});
  // A typo in the last point, and one in all of them.
  expect({"--grid=batch_size=8,16", "--grid=layer.conv.kernel=3,20",
          "--set=clip_norm=-1"},
         1,
         {"lenslet sweep: all runs: clip_norm is -1",
          "lenslet sweep: batch_size=8,layer.conv.kernel=20 and 1 more: "});
  expect({"--grid=layer.con.kernel=3"}, 1,
         {"the model has no layer \"con\"; did you mean \"conv\"?"});
}

TEST_F(SweepToolTest, TheFolderOfASingleRunIsNoPlace) {
  ASSERT_EQ(Train(recipe_, run_dir_, {"--set=steps=1"}).exit_code, 0);
  const ProgramResult result = Sweep({"--grid=batch_size=8"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("is the folder of a single run"));
}

// Also of the last cells of the grid.
TEST_F(SweepToolTest, ListsAllThatIsWrongBeforeTheFirstRun) {
  const ProgramResult result =
      Sweep({"--grid=data.max_train_examples=20,1000",
             "--grid=augmentation.shift=0,1,99", "--grid=save.best_by=loss,r2",
             "--set=epochs=1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("augmentation.shift is 99"),
                    HasSubstr("save.best_by is \"r2\", which targets of kind "
                              "\"classes\" do not have")));
  EXPECT_FALSE(std::filesystem::exists(run_dir_));
}

TEST_F(SweepToolTest, SortsByTheMetricOfTheRecipe) {
  const ProgramResult result =
      Sweep({"--set=epochs=1", "--set=save.best_by=validation_loss",
             "--grid=learning_rate=0.001,0.01"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("valid loss"),
                    HasSubstr("sorted by validation loss (save.best_by), "
                              "lowest first")));
  EXPECT_EQ(Json()["sorted_by"], "validation_loss");
}

}  // namespace
}  // namespace lenslet
