#include "lenslet/tests/documented_code.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
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

TEST(CheckDocumentedCodeTest, TakesTheBooksCodeWithoutAFile) {
  EXPECT_THAT(Check("```python\nx = 1\n```\n"), IsEmpty());
}

// Two lines of Python, and `cpp`.
std::string Pair(absl::string_view heading, absl::string_view cpp) {
  return absl::StrCat("<table>\n", heading,
                      "\n<tr><td>\n\n```python\n# One.\nx = 1\n\ny = 2\n```\n"
                      "\n</td><td>\n\n<!-- a.cc -->\n```cpp\n",
                      cpp, "```\n");
}

constexpr absl::string_view kTwoAndThree =
    "<tr><th>the book, 2 lines</th><th>Lenslet, 3 lines</th></tr>";

TEST(CheckLineCountsTest, CountsCodeOnly) {
  EXPECT_THAT(
      CheckLineCounts(Pair(kTwoAndThree, "a;\n\n  // Two.\nb;\n  c;\n")),
      IsEmpty());
}

TEST(CheckLineCountsTest, RejectsOtherCounts) {
  EXPECT_THAT(
      CheckLineCounts(Pair(kTwoAndThree, "a;\nb;\n")),
      ElementsAre("5: the heading is \"<tr><th>the book, 2 lines</th><th>"
                  "Lenslet, 3 lines</th></tr>\"; expected \"<tr><th>the book, "
                  "2 lines</th><th>Lenslet, 2 lines</th></tr>\""));
  EXPECT_THAT(CheckLineCounts(Pair("", "a;\nb;\nc;\n")),
              ElementsAre(HasSubstr("the heading is \"\"")));
}

TEST(CheckLineCountsTest, RejectsLongCode) {
  EXPECT_THAT(
      CheckLineCounts(
          Pair("<tr><th>the book, 2 lines</th><th>Lenslet, 4 lines</th></tr>",
               "a;\nb;\nc;\nd;\n")),
      ElementsAre("5: 4 lines of C++ for 2 of Python; expected at most 3"));
}

TEST(CheckLineCountsTest, RejectsPythonAlone) {
  EXPECT_THAT(CheckLineCounts("```python\nx = 1\n```\n"),
              ElementsAre("1: no block of C++ follows"));
}

}  // namespace
}  // namespace lenslet
