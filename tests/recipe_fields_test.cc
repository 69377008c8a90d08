// docs/recipe_fields.md is what tools/recipe_fields prints.

#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

TEST(RecipeFieldsToolTest, ThePageIsWhatTheProgramPrints) {
  const ProgramResult result = RunProgram("tools/recipe_fields", {});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile("docs/recipe_fields.md"));
  EXPECT_EQ(result.out, page)
      << "bazel run //tools:recipe_fields > docs/recipe_fields.md";
}

}  // namespace
}  // namespace lenslet
