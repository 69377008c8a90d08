// lenslet train, as a user runs it. killed_run_test.cc and
// training_faults_test.cc test runs that end early.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

class TrainTest : public ::testing::Test {
 protected:
  // One line to stderr, and nothing to stdout.
  static void Expect(const std::vector<std::string>& arguments, int exit_code,
                     const std::string& message) {
    const ProgramResult result = RunLenslet("train", arguments);
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet train: "), HasSubstr(message)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  const std::string folder_ = EmptyTempFolder("train_test");
  const std::string recipe_ = WriteSmallRecipe(folder_);
};

TEST_F(TrainTest, NeedsOneRecipe) {
  Expect({}, kUsage, "expected a recipe, as in: lenslet train book");
  Expect({"--run_dir=" + Path("new")}, kUsage, "expected a recipe");
  Expect({recipe_, "modern"}, kUsage, "expected one recipe, got 2");
  Expect({"modrn"}, kFailure, "did you mean \"modern\"?");
  Expect({Path("none.textproto")}, kFailure,
         Path("none.textproto") + ": No such file");
  Expect({Path("model.textproto")}, kUsage,
         Path("model.textproto") +
             " is a model; expected a recipe; to train it: lenslet train book "
             "--model=" +
             Path("model.textproto"));
}

TEST_F(TrainTest, ResumesARunWithoutItsRecipe) {
  const std::string run = Path("run");
  ASSERT_EQ(Train(recipe_, run, {"--epochs=1"}).exit_code, 0);
  const ProgramResult result =
      RunLenslet("train", {"--run_dir=" + run, "--epochs=2", "--report=false"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("after 10 of 20 steps"));
  Expect({"--run_dir=" + run, "--epochs=1"}, kFailure,
         "has 2 epochs; expected at most 1, the epochs of the recipe");
  Expect({"--run_dir=" + run, "--set=steps=5"}, kFailure,
         "has 20 steps; expected at most 5, the steps of the recipe");
  Expect({run}, kUsage,
         run +
             " is a run's folder; expected a recipe; to resume it: lenslet "
             "train --run_dir=" +
             run);
}

TEST_F(TrainTest, TheModelIsAModel) {
  Expect({recipe_, "--model=" + recipe_}, kUsage,
         "--model: " + recipe_ + " is a recipe; expected a model");
  Expect({recipe_, "--model=lenett"}, kFailure,
         "--model: \"lenett\" is neither a model of the zoo nor a file; "
         "expected a model; did you mean \"lenet\"?");
}

TEST_F(TrainTest, ARecipesModelIsNoCheckpoint) {
  const std::string checkpoint = Path("x.ckpt");
  ASSERT_EQ(
      RunLenslet("train", {recipe_, "--epochs=1", "--output=" + checkpoint})
          .exit_code,
      0);
  const std::string reason =
      checkpoint +
      " is a checkpoint; expected a model; to start from it: "
      "--set=start_from=" +
      checkpoint;
  Expect({recipe_, "--set=model=" + checkpoint}, kFailure, reason);
  const ProgramResult lenet =
      RunProgram("tools/train_lenet", {"--model=" + checkpoint});
  EXPECT_EQ(lenet.exit_code, kFailure);
  EXPECT_EQ(lenet.err, "train_lenet: " + reason + "\n");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("r.textproto"),
      "model: \"x.ckpt\" epochs: 1 learning_rate: 1 data { synthetic { shape: "
      "[2, 2, 1] } }"));
  const ProgramResult lint = RunLenslet("lint", {Path("r.textproto")});
  EXPECT_THAT(lint.out,
              HasSubstr("/x.ckpt is a checkpoint; expected a model; to start "
                        "from it: --set=start_from="));
}

TEST_F(TrainTest, WordsOfOtherProgramsAreAnswered) {
  Expect({recipe_, "--lr=0.1"}, kUsage,
         "--lr is no flag; write: --learning_rate=0.1");
  Expect({recipe_, "--optimizer=adam"}, kUsage,
         "--optimizer is no flag; write: --set=optimizer.kind=ADAM");
  Expect({recipe_, "epochs=2"}, kUsage,
         "unexpected word epochs=2; did you mean --epochs=2?");
}

TEST_F(TrainTest, FlagsThatMovedSayWhere) {
  Expect({"--recipe=" + recipe_}, kUsage,
         "--recipe is no longer a flag; write: lenslet train " + recipe_);
}

TEST_F(TrainTest, FlagsThatContradict) {
  Expect({recipe_, "--epochs=1", "--set=epochs=2"}, kUsage,
         "--epochs and --set=epochs cannot be combined");
  Expect({recipe_, "--report"}, kUsage,
         "--report is given, but --run_dir is not");
}

TEST_F(TrainTest, StopsEarlyAndSaysWhyHereAndInTheReport) {
  const std::string run = Path("run");
  const std::vector<std::string> arguments = {
      recipe_, "--run_dir=" + run,
      "--set=early_stopping={patience: 1 min_change: 100}"};
  const ProgramResult first = RunLenslet("train", arguments);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const char* why =
      "stopped early after epoch 2: validation_loss has not improved by more";
  EXPECT_THAT(first.out, HasSubstr(why));
  EXPECT_THAT(*ReadFile(run + "/report.html"), HasSubstr(why));
  EXPECT_THAT(*ReadFile(run + "/metrics.jsonl"),
              HasSubstr("\"stopped_early\":true"));
  const ProgramResult second = RunLenslet("train", arguments);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("nothing is left to train"));
  EXPECT_THAT(second.out, Not(HasSubstr("epoch 3/")));
}

TEST_F(TrainTest, DoesNotReplaceWhatItReads) {
  const std::string before = *ReadFile(Path("model.textproto"));
  Expect({recipe_, "--output=" + Path("model.textproto")}, kUsage,
         "which the command reads; expected another file");
  Expect({recipe_, "--output=" + recipe_}, kUsage,
         recipe_ + ", which the command reads; expected another file");
  const std::string run = Path("run");
  Expect({recipe_, "--run_dir=" + run, "--output=" + run + "/best.ckpt"},
         kUsage, "which a run keeps there");
  EXPECT_FALSE(std::filesystem::exists(run));
  EXPECT_EQ(*ReadFile(Path("model.textproto")), before);
  // A checkpoint is what it writes.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(RunLenslet("train",
                         {recipe_, "--epochs=1", "--output=" + Path("x.ckpt")})
                  .exit_code,
              0);
  }
}

}  // namespace
}  // namespace lenslet
