// The code and output in docs/chapter.md are those of the programs in
// examples/, which have tests of their own.

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

}  // namespace
}  // namespace lenslet
