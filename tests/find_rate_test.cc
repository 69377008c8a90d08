// lenslet find-rate, as a user runs it.

#include <algorithm>
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
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class FindRateToolTest : public ::testing::Test {
 protected:
  FindRateToolTest()
      : folder_(EmptyTempFolder("find_rate_test")),
        recipe_(WriteSmallRecipe(folder_)) {}

  ProgramResult FindRate(std::vector<std::string> arguments) const {
    arguments.push_back(recipe_);
    return RunLenslet("find-rate", arguments);
  }

  const std::string folder_, recipe_;
};

TEST_F(FindRateToolTest, HelpSaysWhatItIsFor) {
  const ProgramResult result = RunLenslet("find-rate", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("--min_rate NUMBER [1e-05]"),
                                HasSubstr("--steps INT [100]")));
}

TEST_F(FindRateToolTest, ShowsRatesAndSavesThemTheSameForAnyThreads) {
  const std::string csv = folder_ + "/rates.csv";
  const ProgramResult one = FindRate({"--threads=1", "--csv=" + csv});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(one.err, "");
  EXPECT_THAT(one.out, AllOf(ContainsRegex("^ +rate +loss\n1.00e-05  "),
                             HasSubstr("steepest fall of the loss: "),
                             HasSubstr("a tenth of where it is lowest: ")));
  const std::string text = ReadFile(csv).value_or("");
  EXPECT_THAT(text, StartsWith("rate,loss,smoothed_loss\n1e-05,"));
  const std::string csv_of_two = folder_ + "/rates_of_two.csv";
  const ProgramResult two = FindRate({"--threads=2", "--csv=" + csv_of_two});
  EXPECT_EQ(two.out, one.out);
  EXPECT_EQ(ReadFile(csv_of_two).value_or("none"), text);
}

TEST_F(FindRateToolTest, PrintsCsv) {
  const std::string csv = folder_ + "/rates.csv";
  ASSERT_EQ(FindRate({"--steps=10", "--csv=" + csv}).exit_code, 0);
  EXPECT_EQ(FindRate({"--steps=10", "--csv"}).out, *ReadFile(csv));
}

TEST_F(FindRateToolTest, StopsWhereTrainingDiverges) {
  const ProgramResult result =
      FindRate({"--set=optimizer={kind: SGD}", "--set=clip_norm=0",
                "--set=loss={mean_squared_error {}}", "--max_rate=1e30"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\nstopped after a rate of "));
}

TEST_F(FindRateToolTest, WhatIsWrongIsAnError) {
  const auto expect = [&](const std::vector<std::string>& arguments, int code,
                          const std::string& message) {
    const ProgramResult result = FindRate(arguments);
    EXPECT_EQ(result.exit_code, code);
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet find-rate: "), HasSubstr(message)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
    EXPECT_EQ(result.out, "");
  };
  expect({"--min_rate=1", "--max_rate=0.1"}, 2,
         "--min_rate is 1; expected a number below --max_rate, which is 0.1");
  expect({"--steps=9"}, 2, "--steps is 9; expected a number of at least 10");
  expect({"--min_rate=0"}, 2, "--min_rate");
  expect({"--set=modell=a"}, 2, "did you mean \"model\"?");
  expect({"--set=clip_norm=-1"}, 2, "--set: clip_norm is -1");
  expect({"--model=lenet"}, 1, "image");
  expect({"--csv=" + folder_ + "/none/a.csv"}, 1, "none/a.csv");
  expect({"--csv=" + recipe_}, 2,
         recipe_ + ", which the command reads; expected another file");
  expect({"--csv=" + folder_ + "/model.textproto"}, 2,
         "which the command reads; expected another file");
  expect({"--batch_size=8", "--set=batch_size=9"}, 2,
         "--batch_size and --set=batch_size cannot be combined");
  expect({"--learning_rate=1"}, 2,
         "--learning_rate sets learning_rate, which the range test ignores; "
         "expected --min_rate and --max_rate");
  expect({"--set=schedule.cosine={}"}, 2,
         "--set sets schedule.cosine, which the range test ignores");
  expect({"--epochs=3"}, 2, "expected --steps=100");
  expect({"--epochs=8", "--set=steps=9"}, 2,
         "--epochs and --set=steps cannot be combined");
}

}  // namespace
}  // namespace lenslet
