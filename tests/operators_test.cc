// docs/operators.md is what "lenslet operators" prints.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(OperatorsToolTest, ThePageIsWhatTheProgramPrints) {
  const ProgramResult result = RunLenslet("operators", {});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile("docs/operators.md"));
  EXPECT_EQ(result.out, page)
      << "bazel run //tools:lenslet -- operators > docs/operators.md";
}

// The backends that are to have all operators.
TEST(OperatorsToolTest, ReferenceAndLanesHaveAll) {
  const ProgramResult result = RunLenslet("operators", {});
  EXPECT_THAT(result.out,
              HasSubstr("| operator | layer | reference | xnnpack | lanes | "
                        "direct |\n"));
  const std::string all = "1, 2, 3: forward, backward";
  size_t rows = 0;
  size_t end = 0;
  for (size_t begin = result.out.find("`conv*d`"); begin != std::string::npos;
       begin = result.out.find("| `", end)) {
    end = result.out.find('\n', begin);
    const std::string row = result.out.substr(begin, end - begin);
    ++rows;
    if (row.find("no kernel") != std::string::npos) continue;
    const size_t reference = row.find(all);
    EXPECT_NE(reference, std::string::npos) << row;
    EXPECT_NE(row.find(all, reference + 1), std::string::npos) << row;
  }
  EXPECT_GT(rows, 30);
}

TEST(OperatorsToolTest, TakesNoArguments) {
  const ProgramResult help = RunLenslet("operators", {"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("docs/operators.md"));
  EXPECT_EQ(RunLenslet("operators", {"--model=lenet"}).exit_code, 2);
}

}  // namespace
}  // namespace lenslet
