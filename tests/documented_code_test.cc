#include "lenslet/tests/documented_code.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path == "a.cc") return "int a;\n\nint b;\n  int c;\n";
  return absl::NotFoundError(path + ": no such file");
}

std::vector<std::string> Check(absl::string_view document) {
  return CheckDocumentedCode(document, ReadFile);
}

TEST(CheckDocumentedCodeTest, TakesLinesOfTheFile) {
  EXPECT_THAT(Check("Text.\n\n"
                    "<!-- a.cc -->\n```cpp\nint a;\n\nint b;\n```\n"
                    "<!-- a.cc -->\n```text\nint b;\n  int c;\n```\n"
                    "<!-- a.cc -->\n```text\nint a;\n```\n"
                    "End.\n"),
              IsEmpty());
}

TEST(CheckDocumentedCodeTest, TakesCommandsWithoutAFile) {
  EXPECT_THAT(Check("```sh\nls\n```\n"), IsEmpty());
}

TEST(CheckDocumentedCodeTest, RejectsOtherLines) {
  const auto check = [](absl::string_view block) {
    return Check(absl::StrCat("<!-- a.cc -->\n```cpp\n", block, "```\n"));
  };
  EXPECT_THAT(check("int a\n"),
              ElementsAre("2: a.cc does not have these lines"));
  EXPECT_THAT(check("int c;\n"),
              ElementsAre("2: a.cc does not have these lines"));
  EXPECT_THAT(check("int a;\nint b;\n"),
              ElementsAre("2: a.cc does not have these lines"));
  EXPECT_THAT(check("int a;\n...\nint b;\n"),
              ElementsAre("2: a.cc does not have these lines"));
  EXPECT_THAT(check(""), ElementsAre("2: the block is empty"));
}

TEST(CheckDocumentedCodeTest, RejectsBlocksWithoutAFile) {
  EXPECT_THAT(Check("```cpp\nint a;\n```\n"),
              ElementsAre("1: no line above the block names a file"));
  EXPECT_THAT(Check("<!-- a.cc -->\n\n```\nint a;\n```\n"),
              ElementsAre("3: no line above the block names a file"));
  EXPECT_THAT(Check("<!-- b.cc -->\n```cpp\nint a;\n```\n"),
              ElementsAre("2: b.cc: no such file"));
}

TEST(CheckDocumentedCodeTest, RejectsABlockThatDoesNotEnd) {
  EXPECT_THAT(Check("<!-- a.cc -->\n```cpp\nint a;\n"),
              ElementsAre("2: the block does not end"));
  EXPECT_THAT(Check("```sh\nls\n"), ElementsAre("1: the block does not end"));
}

}  // namespace
}  // namespace lenslet
