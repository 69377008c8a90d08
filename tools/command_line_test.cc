#include "lenslet/tools/command_line.h"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

struct Values {
  std::string text = "default";
  int64_t number = 3;
  double rate = 0.5;
  bool loud = true;
  std::vector<std::string> words;
  std::string file;
};

std::optional<int> Parse(std::vector<std::string> arguments, Values& values) {
  CommandLine line("prog", "Does things.");
  line.AddFlag("text", "A text.", values.text);
  line.AddFlag("number", "A number.", values.number, {.min = 1, .max = 9});
  line.AddFlag("loud", "Whether.", values.loud);
  line.AddPositiveFlag("rate", "A rate.", values.rate);
  line.AddArguments("WORD ...", "Words.", values.words);
  line.AddFileFlag("json", "File to write.", values.file);
  line.AddMovedFlag("size", "--number=VALUE");
  line.AddMovedFlag("input", "prog VALUE");
  line.AddForeignFlag("kind", "--set=kind=CAPITALS");
  arguments.insert(arguments.begin(), "prog");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return line.Parse(static_cast<int>(argv.size()), argv.data());
}

TEST(CommandLineTest, KeepsDefaults) {
  Values values;
  EXPECT_EQ(Parse({}, values), std::nullopt);
  EXPECT_EQ(values.text, "default");
  EXPECT_EQ(values.number, 3);
}

TEST(CommandLineTest, TakesBothWaysToGiveAValue) {
  Values values;
  EXPECT_EQ(
      Parse({"--text=a b", "--number", "9", "x", "--rate=1e-3", "y"}, values),
      std::nullopt);
  EXPECT_EQ(values.text, "a b");
  EXPECT_EQ(values.number, 9);
  EXPECT_EQ(values.rate, 1e-3);
  EXPECT_THAT(values.words, ElementsAre("x", "y"));
}

TEST(CommandLineTest, TakesTrueAndFalse) {
  Values values;
  EXPECT_EQ(Parse({"--loud=false"}, values), std::nullopt);
  EXPECT_FALSE(values.loud);
  EXPECT_EQ(Parse({"--loud=true"}, values), std::nullopt);
  EXPECT_TRUE(values.loud);
  values.loud = false;
  EXPECT_EQ(Parse({"--loud", "false"}, values), std::nullopt);
  EXPECT_TRUE(values.loud);
  EXPECT_THAT(values.words, ElementsAre("false"));
}

TEST(CommandLineTest, AFileFlagNeedsNoValue) {
  Values values;
  EXPECT_EQ(Parse({}, values), std::nullopt);
  EXPECT_EQ(values.file, "");
  EXPECT_EQ(Parse({"--json=a.json"}, values), std::nullopt);
  EXPECT_EQ(values.file, "a.json");
  EXPECT_EQ(Parse({"--json", "x"}, values), std::nullopt);
  EXPECT_EQ(values.file, kStandardOutput);
  EXPECT_THAT(values.words, ElementsAre("x"));
}

TEST(CommandLineTest, AFlagThatMayBeRepeatedTakesOneValueEachTime) {
  CommandLine line("prog", "Does things.");
  std::vector<std::string> values, words;
  line.AddFlag("set", "Sets.", values);
  line.AddArguments("WORD ...", "Words.", words);
  std::string arguments[] = {"prog", "--set=a=[1,2]", "x", "--set", "b", "y"};
  char* argv[6];
  for (int i = 0; i < 6; ++i) argv[i] = arguments[i].data();
  EXPECT_EQ(line.Parse(6, argv), std::nullopt);
  EXPECT_THAT(values, ElementsAre("a=[1,2]", "b"));
  EXPECT_THAT(words, ElementsAre("x", "y"));
}

TEST(CommandLineTest, KnowsWhatWasGiven) {
  CommandLine line("prog", "Does things.");
  int64_t number = 3;
  bool loud = false;
  line.AddFlag("number", "A number.", number, {.min = 1, .max = 9});
  line.AddFlag("loud", "Whether.", loud);
  std::string arguments[] = {"prog", "--number=3"};
  char* argv[] = {arguments[0].data(), arguments[1].data()};
  EXPECT_EQ(line.Parse(2, argv), std::nullopt);
  EXPECT_TRUE(line.Given("number"));
  EXPECT_FALSE(line.Given("loud"));
}

TEST(CommandLineTest, HelpEndsTheProgramWell) {
  Values values;
  CaptureStdout();
  EXPECT_EQ(Parse({"--help"}, values), 0);
  const std::string help = GetCapturedStdout();
  EXPECT_THAT(help, ::testing::HasSubstr("--number INT [3]"));
  EXPECT_THAT(help, ::testing::HasSubstr("--text TEXT [default]"));
  EXPECT_THAT(help, ::testing::HasSubstr("--loud BOOL [true]"));
}

TEST(CommandLineTest, HelpIsLaidOutInLinesOf80Characters) {
  CommandLine line("prog",
                   "The first paragraph is so long that it does not fit in a "
                   "line, and\nits line ends do not count.\n  but a line that "
                   "is indented stays as it is\n\nThe second.");
  std::string text;
  std::vector<std::string> words;
  line.AddArguments("[WORD ...]", "Words.", words);
  line.AddFlag("text", "What is said of this flag takes two lines of the help.",
               text);
  line.AddFlag("a_flag_with_a_long_name", "Short.", text);
  std::string arguments[] = {"prog", "--help"};
  char* argv[] = {arguments[0].data(), arguments[1].data()};
  CaptureStdout();
  EXPECT_EQ(line.Parse(2, argv), 0);
  EXPECT_EQ(
      GetCapturedStdout(),
      "Usage: prog [WORD ...] [--flag=value ...]\n"
      "\n"
      "The first paragraph is so long that it does not fit in a line, and its "
      "line ends\n"
      "do not count.\n"
      "  but a line that is indented stays as it is\n"
      "\n"
      "The second.\n"
      "\n"
      "  [WORD ...]                Words.\n"
      "\n"
      "Flags:\n"
      "  --text TEXT               What is said of this flag takes two lines "
      "of "
      "the\n"
      "                            help.\n"
      "  --a_flag_with_a_long_name TEXT\n"
      "                            Short.\n"
      "  --help                    Print this and exit.\n");
}

TEST(CommandLineTest, AnswersAMistakeWithOneLine) {
  const auto answer = [](const std::vector<std::string>& arguments) {
    Values values;
    CaptureStderr();
    EXPECT_EQ(Parse(arguments, values), kExitUsage);
    return GetCapturedStderr();
  };
  EXPECT_EQ(
      answer({"--number=0"}),
      "prog: --number is 0; expected a number of at least 1 (--help lists "
      "the flags)\n");
  EXPECT_EQ(
      answer({"--number=10"}),
      "prog: --number is 10; expected a number of at most 9 (--help lists "
      "the flags)\n");
  EXPECT_EQ(answer({"--number=1.5"}),
            "prog: --number is \"1.5\"; expected a whole number (--help lists "
            "the flags)\n");
  EXPECT_EQ(
      answer({"--rate=-1"}),
      "prog: --rate is -1; expected a finite number above 0 (--help lists "
      "the flags)\n");
  EXPECT_EQ(answer({"--rate=inf"}),
            "prog: --rate is inf; expected a finite number above 0 (--help "
            "lists the flags)\n");
  EXPECT_EQ(answer({"--loud=maybe"}),
            "prog: --loud is \"maybe\"; expected true or false (--help lists "
            "the flags)\n");
  EXPECT_EQ(answer({"--rate"}),
            "prog: --rate has no value; expected --rate=VALUE (--help lists "
            "the flags)\n");
  EXPECT_EQ(answer({"--rate=1", "--rate=2"}),
            "prog: --rate is given twice; expected it once (--help lists the "
            "flags)\n");
  for (const auto& twice : std::vector<std::vector<std::string>>{
           {"--loud", "--loud=false"}, {"--json", "--json=a"}}) {
    EXPECT_EQ(answer(twice),
              "prog: " + twice[0] +
                  " is given twice; expected it once (--help lists the "
                  "flags)\n");
  }
  EXPECT_EQ(answer({"--numbr=1"}),
            "prog: unknown flag --numbr; did you mean \"--number\"? (--help "
            "lists the flags)\n");
}

TEST(CommandLineTest, AnEmptyValueIsNone) {
  const auto expect = [](const std::vector<std::string>& arguments,
                         const std::string& flag) {
    Values values;
    CaptureStderr();
    EXPECT_EQ(Parse(arguments, values), kExitUsage);
    EXPECT_EQ(GetCapturedStderr(), "prog: " + flag +
                                       " has no value; expected " + flag +
                                       "=VALUE (--help lists the flags)\n");
  };
  // A value of nothing does not take the next word, or the next flag.
  expect({"--text=", "--number=1"}, "--text");
  expect({"--text=", "x"}, "--text");
  expect({"--text", "--number=1"}, "--text");
  expect({"--text", ""}, "--text");
  expect({"x", "--number=", "5"}, "--number");
  expect({"--rate="}, "--rate");
  expect({"--json="}, "--json");
  expect({"--loud="}, "--loud");
  Values values;
  EXPECT_EQ(Parse({"--text", "--words", "--", "--number="}, values),
            std::nullopt);
  EXPECT_EQ(values.text, "--words");
  EXPECT_THAT(values.words, ElementsAre("--number="));
}

TEST(CommandLineTest, ANumberOfAnySizeIsInRangeOrNot) {
  CommandLine line("prog", "Does things.");
  int64_t seed = 0;
  line.AddFlag("seed", "A seed.", seed, {.min = 0});
  const auto parse = [&](std::string argument) {
    std::string program = "prog";
    char* argv[] = {program.data(), argument.data()};
    return line.Parse(2, argv);
  };
  EXPECT_EQ(parse("--seed=9223372036854775807"), std::nullopt);
  EXPECT_EQ(seed, 9223372036854775807);
  EXPECT_EQ(parse("--seed=010"), std::nullopt);
  EXPECT_EQ(seed, 10);
  for (const std::string number :
       {"9223372036854775808", "99999999999999999999"}) {
    CaptureStderr();
    EXPECT_EQ(parse("--seed=" + number), kExitUsage);
    EXPECT_EQ(GetCapturedStderr(),
              "prog: --seed is " + number +
                  "; expected a number of at most 9223372036854775807 (--help "
                  "lists the flags)\n");
  }
  CaptureStderr();
  EXPECT_EQ(parse("--seed=-99999999999999999999"), kExitUsage);
  EXPECT_EQ(GetCapturedStderr(),
            "prog: --seed is -99999999999999999999; expected a number of at "
            "least 0 (--help lists the flags)\n");
}

TEST(CommandLineTest, SaysWhatToWriteInsteadOfAMovedFlag) {
  const auto answer = [](const std::vector<std::string>& arguments) {
    Values values;
    CaptureStderr();
    EXPECT_EQ(Parse(arguments, values), kExitUsage);
    return GetCapturedStderr();
  };
  EXPECT_EQ(answer({"--size=3"}),
            "prog: --size is no longer a flag; write: --number=3 (--help lists "
            "the flags)\n");
  EXPECT_EQ(answer({"--input", "a b"}),
            "prog: --input is no longer a flag; write: prog 'a b' (--help "
            "lists the flags)\n");
  EXPECT_EQ(answer({"--kind=adam"}),
            "prog: --kind is no flag; write: --set=kind=ADAM (--help lists the "
            "flags)\n");
  EXPECT_EQ(answer({"--input"}),
            "prog: --input is no longer a flag; write: prog VALUE (--help "
            "lists the flags)\n");
}

TEST(ShellQuotedTest, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(ShellQuoted("/tmp/run-1/a.ckpt"), "/tmp/run-1/a.ckpt");
  EXPECT_EQ(ShellQuoted("caf\u00e9"), "caf\u00e9");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("a b"), "'a b'");
  EXPECT_EQ(ShellQuoted("~/$x"), "'~/$x'");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
}

TEST(UserPathTest, StartsWhereTheUserIs) {
  unsetenv("BUILD_WORKING_DIRECTORY");
  EXPECT_EQ(UserPath("a/b"), "a/b");
  setenv("BUILD_WORKING_DIRECTORY", "/home/me", 1);
  EXPECT_EQ(UserPath("a/b"), "/home/me/a/b");
  EXPECT_EQ(UserPath("/a/b"), "/a/b");
  EXPECT_EQ(UserPath(""), "");
  unsetenv("BUILD_WORKING_DIRECTORY");
}

}  // namespace
}  // namespace lenslet
