// A program that trains a network in memory with a run_dir, is killed or
// stopped at any step and started again, ends with the same bytes as one that
// was not. Everything that reads the folders of runs reads this one.

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/load_data.h"
#include "lenslet/inspect/run_comparison.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "lenslet/train/recipe/lint_recipe.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kProgram[] = "tests/in_memory_run_program";
// 5 epochs of 8 steps.
constexpr int kSteps = 40;

class InMemoryRunTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = EmptyTempFolder("in_memory_run_test");
    const ProgramResult result = RunProgram(kProgram, {Whole()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    ASSERT_THAT(result.out, HasSubstr("epoch 5/5  train loss "));
  }

  static std::string Whole() { return folder_ + "/whole"; }

  // Runs sessions that end by the signal after that many steps each, and then
  // one to the end.
  void ExpectSameBytes(const std::string& name, int signal, int exit_code,
                       const std::vector<int>& sessions) {
    const std::string run = folder_ + "/" + name;
    for (const int steps : sessions) {
      const ProgramResult result = RunProgram(
          kProgram, {run, absl::StrCat(signal), absl::StrCat(steps)});
      ASSERT_EQ(result.exit_code, exit_code) << result.err;
    }
    const ProgramResult last = RunProgram(kProgram, {run});
    ASSERT_EQ(last.exit_code, 0) << last.err;
    EXPECT_TRUE(FinalBytes(run) == FinalBytes(Whole())) << name;
    EXPECT_THAT(TimelessMetrics(run),
                ElementsAreArray(TimelessMetrics(Whole())));
    EXPECT_EQ(*ReadFile(run + "/start.ckpt"),
              *ReadFile(Whole() + "/start.ckpt"));
  }

  static std::string folder_;
};

std::string InMemoryRunTest::folder_;

TEST_F(InMemoryRunTest, AKilledProgramLosesAtMostAnEpoch) {
  // Before the first checkpoint; twice without progress; at an epoch's end.
  ExpectSameBytes("killed", SIGKILL, 128 + SIGKILL, {3, 9, 5, 5, 8, 1});
}

TEST_F(InMemoryRunTest, AStoppedProgramLosesNothing) {
  int sum = 0;
  std::vector<int> sessions;
  for (int steps = 1; sum + steps < kSteps; ++steps) {
    sessions.push_back(steps);
    sum += steps;
  }
  ExpectSameBytes("stopped", SIGINT, 75, sessions);
}

TEST_F(InMemoryRunTest, IsReadLikeAnyRun) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto checkpoint,
                               LoadCheckpoint(Whole()));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Predictor> predictor,
                               Predictor::Create(checkpoint));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<ClassScore> classes,
      predictor->Classify(Tensor({8, 8, 1}, ElementType::kUint8), 3));
  EXPECT_EQ(classes.size(), 3);

  LENSLET_ASSERT_OK_AND_ASSIGN(const std::optional<RecipeProto> recipe,
                               RunDirectory::ReadRecipeOf(Whole()));
  ASSERT_TRUE(recipe.has_value());
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<MetricsRecord> history,
                               ReadHistory(Whole() + "/" + kMetricsJsonName));
  EXPECT_THAT(
      CompareRuns({{.name = "run", .recipe = *recipe, .records = history}}),
      AllOf(HasSubstr("run"), HasSubstr("validation accuracy")));

  const std::string path = Whole() + "/" + kRecipeName;
  std::vector<std::string> problems;
  for (const TextProblem& problem :
       LintRecipe(*ReadFile(path), path, Whole())) {
    problems.push_back(problem.message);
  }
  EXPECT_THAT(problems, IsEmpty());
}

// Programs that load the data of a run's recipe say why they cannot.
TEST_F(InMemoryRunTest, ItsDataCannotBeLoaded) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text,
                               LoadRecipe(Whole() + "/" + kRecipeName));
  EXPECT_TRUE(std::filesystem::equivalent(text.recipe.model(),
                                          Whole() + "/model.textproto"));
  LENSLET_EXPECT_OK(CheckRecipe(text));
  EXPECT_THAT(
      LoadData(text.recipe.data(), AllDataSources(), {}).status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("data.in_memory: the run's data was in memory "
                         "(\"noisy patterns\": 240 training examples of shape "
                         "[8, 8, 1]) and cannot be loaded")));
}

// The commands of one program, on a run whose data is nowhere.
TEST_F(InMemoryRunTest, CommandsReadIt) {
  const ProgramResult summary = RunLenslet("summarize", {Whole()});
  EXPECT_EQ(summary.exit_code, 0) << summary.err;
  const std::string data =
      "--data=synthetic { shape: [8, 8, 1] classes: 3 train_examples: 9 "
      "test_examples: 9 }";
  for (const char* command : {"evaluate", "predict"}) {
    const ProgramResult without = RunLenslet(command, {Whole()});
    EXPECT_EQ(without.exit_code, 1) << command;
    EXPECT_THAT(without.err, HasSubstr("--data selects other data"));
    const ProgramResult with = RunLenslet(command, {Whole(), data});
    EXPECT_EQ(with.exit_code, 0) << command << ": " << with.err;
  }
  const ProgramResult report = RunLenslet("report", {Whole()});
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_THAT(report.err,
              HasSubstr("--data says where the same examples are; or the "
                        "program itself writes the report: WriteReport()"));
  const ProgramResult other = RunLenslet("report", {Whole(), data});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("was trained with 240 examples"));
}

TEST_F(InMemoryRunTest, SaysWhyAFolderCannotBeUsed) {
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/file", "text"));
  const ProgramResult file = RunProgram(kProgram, {folder_ + "/file"});
  EXPECT_EQ(file.exit_code, 1);
  EXPECT_THAT(file.err, HasSubstr(folder_ + "/file"));
}

}  // namespace
}  // namespace lenslet
