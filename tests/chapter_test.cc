// The code and output in docs/chapter.md, the code in
// docs/adding_an_operator.md, and the program in README.md are those of the
// programs in examples/, which are tested, too.

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tests/documented_code.h"

namespace lenslet {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<std::string> ReadSource(const std::string& path) {
  return ReadFile(absl::StrCat(std::getenv("TEST_SRCDIR"), "/",
                               std::getenv("TEST_WORKSPACE"), "/", path));
}

TEST(ChapterTest, ShowsCodeThatRuns) {
  const absl::StatusOr<std::string> chapter = ReadSource("docs/chapter.md");
  ASSERT_THAT(chapter, IsOk());
  EXPECT_THAT(*chapter, HasSubstr("\n```cpp\n"));
  EXPECT_THAT(*chapter, HasSubstr("\n```text\n"));
  EXPECT_THAT(CheckDocumentedCode(*chapter, ReadSource), IsEmpty());
}

TEST(ChapterTest, CountsTheLinesOfBothLanguages) {
  const absl::StatusOr<std::string> chapter = ReadSource("docs/chapter.md");
  ASSERT_THAT(chapter, IsOk());
  EXPECT_THAT(*chapter, HasSubstr("\n```python\ndef corr2d(X, K):\n"));
  EXPECT_THAT(CheckLineCounts(*chapter), IsEmpty());
}

TEST(AddingAnOperatorTest, ShowsCodeThatRuns) {
  const absl::StatusOr<std::string> page =
      ReadSource("docs/adding_an_operator.md");
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(*page, HasSubstr("\n```cpp\n"));
  EXPECT_THAT(CheckDocumentedCode(*page, ReadSource), IsEmpty());
}

// Its texts are files and recipes.
TEST(DataPageTest, ShowsCodeThatRuns) {
  const absl::StatusOr<std::string> page = ReadSource("docs/data.md");
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(*page, HasSubstr("\n```cpp\n"));
  EXPECT_THAT(CheckDocumentedCode(*page, ReadSource, {"sh", "text"}),
              IsEmpty());
}

TEST(ReadmeTest, ShowsAProgramThatRuns) {
  const absl::StatusOr<std::string> readme = ReadSource("README.md");
  ASSERT_THAT(readme, IsOk());
  const absl::StatusOr<std::string> program =
      ReadSource("examples/first_network.cc");
  ASSERT_THAT(program, IsOk());
  const std::string start = "\n```cpp\n";
  const size_t begin = readme->find(start);
  ASSERT_NE(begin, std::string::npos);
  const size_t code = begin + start.size();
  const size_t end = readme->find("```", code);
  ASSERT_NE(end, std::string::npos);
  EXPECT_THAT(*program, EndsWith(readme->substr(code, end - code)));
  EXPECT_THAT(readme->substr(code, end - code), HasSubstr("int main() {"));
}

}  // namespace
}  // namespace lenslet
