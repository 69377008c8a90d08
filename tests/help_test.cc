// Each program explains itself, and refuses flags that it does not have.

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HelpTest : public ::testing::TestWithParam<const char*> {
 protected:
  const std::string name_ = GetParam();
  const std::string program_ = "tools/" + name_;
};

TEST_P(HelpTest, ExplainsTheProgramAndEachFlag) {
  const ProgramResult result = RunProgram(program_, {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("Usage: " + name_));
  EXPECT_THAT(result.out, ContainsRegex("\n  --help +Print this and exit"));
  // A flag's line has an explanation, or the line after it.
  EXPECT_THAT(result.out,
              testing::Not(ContainsRegex("\n  --[^\n]*\n  --[^ ]* *\n")));
}

TEST_P(HelpTest, RefusesAFlagThatItDoesNotHave) {
  const ProgramResult result = RunProgram(program_, {"--colour=blue"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith(name_ + ": unknown flag --colour"));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Programs, HelpTest,
    testing::Values("compare", "draw", "evaluate", "find_rate", "lint",
                    "predict", "profile", "report", "summarize", "sweep",
                    "train", "train_lenet", "visualize"),
    [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace lenslet
