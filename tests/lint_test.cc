// lenslet lint, as a user runs it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class LintTest : public ::testing::Test {
 protected:
  // Returns the file's path.
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(folder_, "/", name);
    LENSLET_EXPECT_OK(WriteFileAtomically(path, text));
    return path;
  }

  const std::string folder_ = EmptyTempFolder("lint_test");
};

TEST_F(LintTest, ShowsAllProblemsOfModelsAndRecipes) {
  const std::string model =
      Write("model", R"(input { name: "x" shape: [8, 8, 1] }
layer { name: "conv" conv2d { output_channels: 4 kernel: 3 biass: false } }
layer { name: "norm" input: "cnov" batch_norm {} }
layer { name: "flat" flaten {} }
layer { name: "out" linear { output_features: ten } }
)");
  const std::string recipe =
      Write("recipe", "model: \"lenet\"\nepochs: 0\nlearning_rte: 0.1\n");
  const ProgramResult result = RunLenslet("lint", {model, recipe});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "lenslet lint: found 6 errors\n");
  EXPECT_EQ(
      result.out,
      absl::StrCat(
          model,
          ":2:60: conv2d has no field \"biass\"; did you mean "
          "\"bias\"?\n",
          model,
          ":3:22: layer \"norm\": there is no layer or input \"cnov\"; did "
          "you mean \"conv\"?\n",
          model,
          ":4:22: layer has no field or kind \"flaten\"; "
          "did you mean \"flatten\"?\n",
          model, ":5:47: output_features is ten; expected a whole number\n",
          recipe, ":2:1: epochs is 0; expected a number in [1, 1000000000]\n",
          recipe,
          ":3:1: recipes have no field \"learning_rte\"; did you "
          "mean \"learning_rate\"?\n"));
}

TEST_F(LintTest, WarningsAreNoProblems) {
  const std::string model =
      Write("model",
            "input { name: 'x' shape: 8 } layer { name: 'a' relu {} }\n"
            "layer { name: 'b' relu {} }");
  const ProgramResult result = RunLenslet("lint", {model});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out,
            model +
                ":2:1: warning: layer \"b\": it does nothing: no number is "
                "below 0 after \"a\"\n");
}

TEST_F(LintTest, KindIsAsAsked) {
  const std::string recipe =
      Write("recipe", "model: \"lenet\" epochs: 1 learning_rate: 0.1");
  EXPECT_EQ(RunLenslet("lint", {recipe}).exit_code, 0);
  const ProgramResult result = RunLenslet("lint", {recipe, "--kind=model"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr(":1:1: models have no field \"model\""));
}

TEST_F(LintTest, SaysWhatIsWrongWithFlags) {
  EXPECT_EQ(RunLenslet("lint", {}).exit_code, 2);
  EXPECT_EQ(RunLenslet("lint", {"x", "--kind=data"}).err,
            "lenslet lint: --kind is \"data\"; expected model or recipe "
            "(--help lists the "
            "flags)\n");
  const ProgramResult result = RunLenslet("lint", {"/none"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "lenslet lint: found 1 error\n");
  EXPECT_EQ(result.out, "/none: No such file or directory\n");
}

}  // namespace
}  // namespace lenslet
