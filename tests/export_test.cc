// lenslet export, as a user runs it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/onnx/onnx_file.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ExportTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new std::string(EmptyTempFolder("export_test"));
    const std::string recipe = WriteSmallRecipe(*folder_);
    EXPECT_EQ(Train(recipe, *folder_ + "/run").exit_code, 0);
  }
  static void TearDownTestSuite() { delete folder_; }

  std::string Path(const std::string& name) const {
    return *folder_ + "/" + name;
  }
  ProgramResult Export(const std::vector<std::string>& arguments) const {
    return RunLenslet(
        "export", arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", *folder_, "';"));
  }
  void ExpectError(const std::vector<std::string>& arguments,
                   const std::string& error) const {
    const ProgramResult result = Export(arguments);
    EXPECT_NE(result.exit_code, 0) << error;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet export: "), HasSubstr(error)));
  }

  static std::string* folder_;
};

std::string* ExportTest::folder_ = nullptr;

TEST_F(ExportTest, WritesAnOnnxModel) {
  const ProgramResult result =
      Export({"run", "--onnx=net.onnx", "--opset=11", "--probabilities"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              ContainsRegex("^wrote net.onnx: [0-9,]+ bytes, opset 11\n$"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                               ReadFile(Path("net.onnx")));
  EXPECT_TRUE(IsOnnx(bytes));
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(bytes));
  EXPECT_EQ(model.opset_import(0).version(), 11);
  EXPECT_EQ(model.graph().node().rbegin()->op_type(), "Softmax");

  // Again, over the old file: the same bytes.
  ASSERT_EQ(Export({"run", "--onnx=net.onnx", "--opset=11", "--probabilities"})
                .exit_code,
            0);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                               ReadFile(Path("net.onnx")));
  EXPECT_TRUE(again == bytes);
}

TEST_F(ExportTest, NamesWhatIsWrong) {
  ExpectError({"run"}, "--onnx is required");
  ExpectError({"run", "--onnx=a.onnx", "--opset=6"},
              "--opset is 6; expected a number of at least 7");
  ExpectError({"run", "--onnx=run/latest.ckpt"},
              "--onnx is run/latest.ckpt, which a run keeps there");
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("notes.txt"), "dear diary"));
  ExpectError({"run", "--onnx=notes.txt"},
              "--onnx is notes.txt, which is no ONNX model");
  ExpectError({"lenet", "--onnx=a.onnx"}, "expected a checkpoint");
  EXPECT_FALSE(FileExists(Path("a.onnx")));
}

}  // namespace
}  // namespace lenslet
