#include "lenslet/tools/commands.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(CommandsTest, HaveDifferentNamesAndShortSummaries) {
  std::set<std::string> names;
  for (const CommandGroup& group : CommandGroups()) {
    for (const Command& command : group.commands) {
      EXPECT_TRUE(names.insert(command.name).second) << command.name;
      EXPECT_EQ(FindCommand(command.name), &command);
    }
  }
  for (const absl::string_view line : absl::StrSplit(Overview(), '\n')) {
    EXPECT_LE(line.size(), 80) << line;
  }
}

TEST(CommandsTest, AllAreInTheOverview) {
  const std::string overview = Overview();
  for (const CommandGroup& group : CommandGroups()) {
    EXPECT_THAT(overview, HasSubstr(absl::StrCat("\n", group.title, ":\n")));
    for (const Command& command : group.commands) {
      EXPECT_THAT(overview, HasSubstr(absl::StrCat("\n  ", command.name, " ")));
      EXPECT_THAT(overview, HasSubstr(absl::StrCat(command.summary, "\n")));
    }
  }
}

TEST(CommandsTest, SuggestsTheNearestNameOrTheSameMeaning) {
  EXPECT_EQ(FindCommand("tran"), nullptr);
  EXPECT_EQ(UnknownCommand("tran"),
            "unknown command \"tran\"; did you mean \"train\"?");
  EXPECT_EQ(UnknownCommand("trian"),
            "unknown command \"trian\"; did you mean \"train\"?");
  EXPECT_EQ(UnknownCommand("version"),
            "unknown command \"version\"; did you mean \"--version\"?");
  EXPECT_EQ(UnknownCommand("xyzzy"), "unknown command \"xyzzy\"");
  EXPECT_EQ(UnknownCommand("--verbose"),
            "unknown flag --verbose; expected a command before it");
  const struct {
    const char* word;
    const char* command;
  } kCases[] = {{"test", "evaluate"},       {"eval", "evaluate"},
                {"infer", "predict"},       {"classify", "predict"},
                {"fit", "train"},           {"plot", "draw"},
                {"find_rate", "find-rate"}, {"info", "summarize"}};
  for (const auto& [word, command] : kCases) {
    EXPECT_NE(FindCommand(command), nullptr) << command;
    EXPECT_THAT(UnknownCommand(word),
                HasSubstr(absl::StrCat("did you mean \"", command, "\"?")));
  }
}

TEST(CommandsTest, AnswersAWordWithTheCommandForIt) {
  EXPECT_EQ(UnknownCommand("lenet"),
            "lenet is a model; expected a command; to train it: lenslet train "
            "book --model=lenet");
  EXPECT_EQ(UnknownCommand("book"),
            "book is a recipe; expected a command; to train by it: lenslet "
            "train book --run_dir=DIR");
}

}  // namespace
}  // namespace lenslet
