// Runs a program; what it prints must be what a file holds.

#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/examples/output_comparison.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

// example.bzl sets these.
std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

double Number(const char* name) {
  double number = -1;
  EXPECT_TRUE(absl::SimpleAtod(Variable(name), &number)) << name;
  return number;
}

TEST(ExampleTest, PrintsWhatIsExpected) {
  const std::string name = Variable("EXAMPLE");
  const OutputTolerance tolerance = {.numbers = Number("NUMBERS"),
                                     .letters = Number("LETTERS")};
  const std::string path =
      absl::StrCat(Variable("TEST_SRCDIR"), "/", Variable("TEST_WORKSPACE"),
                   "/examples/expected/", name, ".txt");
  const absl::StatusOr<std::string> expected = ReadFile(path);
  ASSERT_THAT(expected, IsOk());

  const ProgramResult result =
      RunProgram(absl::StrCat("examples/", name), /*arguments=*/{});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  if (tolerance.numbers == 0 && tolerance.letters == 0) {
    EXPECT_EQ(result.out, *expected);
  } else {
    EXPECT_THAT(CompareOutput(*expected, result.out, tolerance), IsOk())
        << result.out;
  }
}

}  // namespace
}  // namespace lenslet
