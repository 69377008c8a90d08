// The program and each of its commands explain themselves, and refuse what they
// do not know.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/version.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kTrainLenet[] = "train_lenet";

void ExpectLinesOf80(const std::string& text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_LE(line.size(), 80) << line;
  }
}

// A command, or the program train_lenet.
class HelpTest : public ::testing::TestWithParam<const char*> {
 protected:
  HelpTest()
      : is_command_(GetParam() != absl::string_view(kTrainLenet)),
        name_(absl::StrCat(is_command_ ? "lenslet " : "", GetParam())) {}

  ProgramResult Run(const std::string& argument) const {
    return is_command_ ? RunLenslet(GetParam(), {argument})
                       : RunProgram("tools/train_lenet", {argument});
  }

  const bool is_command_;
  const std::string name_;
};

TEST_P(HelpTest, ExplainsTheProgramAndEachFlag) {
  const ProgramResult result = Run("--help");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, StartsWith("Usage: " + name_));
  EXPECT_THAT(result.out, ContainsRegex("\n  --help +Print this and exit"));
  // A flag's line has an explanation, or the line after it.
  EXPECT_THAT(result.out,
              testing::Not(ContainsRegex("\n  --[^\n]*\n  --[^ ]* *\n")));
  ExpectLinesOf80(result.out);
}

TEST_P(HelpTest, RefusesAFlagThatItDoesNotHave) {
  const ProgramResult result = Run("--colour=blue");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith(name_ + ": unknown flag --colour"));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
}

INSTANTIATE_TEST_SUITE_P(Programs, HelpTest,
                         testing::Values("compare", "draw", "evaluate",
                                         "export", "find-rate", "import",
                                         "init", "lint", "operators", "predict",
                                         "profile", "report", "summarize",
                                         "sweep", "train", kTrainLenet,
                                         "visualize"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

ProgramResult Lenslet(const std::vector<std::string>& words) {
  return RunProgram("tools/lenslet", words);
}

TEST(LensletTest, ListsItsCommands) {
  const ProgramResult result = Lenslet({});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, StartsWith("Usage: lenslet COMMAND ...\n"));
  EXPECT_THAT(result.out, HasSubstr("\nTraining:\n  init  "));
  ExpectLinesOf80(result.out);
  EXPECT_EQ(Lenslet({"--help"}).out, result.out);
  EXPECT_EQ(Lenslet({"-h"}).out, result.out);
  EXPECT_EQ(Lenslet({"help"}).out, result.out);
}

TEST(LensletTest, HelpOfACommandHasSeveralForms) {
  const ProgramResult result = Lenslet({"help", "train"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("Usage: lenslet train [RECIPE] ["));
  EXPECT_EQ(Lenslet({"train", "--help"}).out, result.out);
  EXPECT_EQ(Lenslet({"train", "-h"}).out, result.out);
  EXPECT_EQ(Lenslet({"--help", "train"}).out, result.out);
}

TEST(LensletTest, TellsItsVersion) {
  const ProgramResult result = Lenslet({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, absl::StrCat("lenslet ", kVersion, "\n"));
}

TEST(LensletTest, RefusesAnUnknownCommand) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"evalute", "x.ckpt"}, {"help", "evalute"}}) {
    const ProgramResult result = Lenslet(words);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err,
              "lenslet: unknown command \"evalute\"; did you mean "
              "\"evaluate\"? (lenslet --help lists the commands)\n");
  }
  EXPECT_THAT(Lenslet({"--epochs=3", "train"}).err,
              StartsWith("lenslet: unknown flag --epochs=3; expected a command "
                         "before it"));
}

}  // namespace
}  // namespace lenslet
