// docs/fields.md is what tools/field_tables prints.

#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

TEST(FieldTablesToolTest, ThePageIsWhatTheProgramPrints) {
  const ProgramResult result = RunProgram("tools/field_tables", {});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile("docs/fields.md"));
  EXPECT_EQ(result.out, page)
      << "bazel run //tools:field_tables > docs/fields.md";
}

}  // namespace
}  // namespace lenslet
