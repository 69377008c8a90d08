// lenslet export and lenslet import, as a user runs them.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
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
  ProgramResult Run(const std::string& command,
                    const std::vector<std::string>& arguments) const {
    return RunLenslet(
        command, arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", *folder_, "';"));
  }
  ProgramResult Export(const std::vector<std::string>& arguments) const {
    return Run("export", arguments);
  }
  void ExpectError(const std::vector<std::string>& arguments,
                   const std::string& error,
                   const std::string& command = "export") const {
    const ProgramResult result = Run(command, arguments);
    EXPECT_NE(result.exit_code, 0) << error;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, AllOf(StartsWith("lenslet " + command + ": "),
                                  HasSubstr(error)));
  }

  absl::StatusOr<onnx::ModelProto> Model(const std::string& name) const {
    LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(Path(name)));
    onnx::ModelProto model;
    if (!model.ParseFromString(bytes)) return absl::InternalError("no model");
    return model;
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
  ExpectError({"run"}, "--onnx or --c is required");
  ExpectError({"run", "--onnx=a.onnx", "--opset=6"},
              "--opset is 6; expected a number of at least 7");
  ExpectError({"run", "--onnx=run/latest.ckpt"},
              "--onnx is run/latest.ckpt, which a run keeps there");
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("notes.txt"), "dear diary"));
  ExpectError({"run", "--onnx=notes.txt"},
              "--onnx is notes.txt, which is no ONNX model");
  ExpectError({"lenet", "--onnx=a.onnx"}, "expected a checkpoint");
  for (const char* flag :
       {"opset=13", "fold", "normalize=false", "probabilities=false"}) {
    const std::string name =
        std::string(flag).substr(0, std::string(flag).find('='));
    ExpectError({"run", "--c=net", absl::StrCat("--", flag)},
                absl::StrCat("--", name, " has no effect without --onnx"));
  }
  for (const char* flag : {"c_weights_apart", "c_rows", "c_class_only"}) {
    ExpectError({"run", "--onnx=a.onnx", absl::StrCat("--", flag)},
                absl::StrCat("--", flag, " has no effect without --c"));
  }
  EXPECT_FALSE(FileExists(Path("net.c")));
  EXPECT_FALSE(FileExists(Path("a.onnx")));
}

// A trained run's bytes come back, with each flag.
TEST_F(ExportTest, ComesBack) {
  for (const char* flag : {"--opset=13", "--opset=7", "--opset=21", "--fold",
                           "--normalize=false", "--probabilities"}) {
    SCOPED_TRACE(flag);
    ASSERT_EQ(Export({"run", "--onnx=there.onnx", flag}).exit_code, 0);
    const ProgramResult result =
        Run("import",
            {"there.onnx", "--output=back.ckpt", "--model=back.textproto"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, ContainsRegex("^wrote back.ckpt: [0-9]+ layers, "
                                          "[0-9,]+ parameters, input \\["));
    EXPECT_EQ(Run("lint", {"back.textproto"}).exit_code, 0);
    ASSERT_EQ(Export({"back.ckpt", "--onnx=again.onnx", flag}).exit_code, 0);
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string there,
                                 ReadFile(Path("there.onnx")));
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                                 ReadFile(Path("again.onnx")));
    EXPECT_TRUE(there == again);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const onnx::ModelProto model,
                               Model("again.onnx"));
  EXPECT_EQ(model.metadata_props().rbegin()->key(), "recipe_digest");
}

// Classes by the model; values by the flag.
TEST_F(ExportTest, ImportsOutputsAsValues) {
  ASSERT_EQ(Export({"run", "--onnx=there.onnx"}).exit_code, 0);
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("image.pgm"), absl::StrCat("P5 8 8 255\n", std::string(64, 'a'))));
  const ProgramResult as_classes =
      Run("predict", {"there.onnx", "image.pgm", "--json"});
  EXPECT_THAT(as_classes.out, HasSubstr("\"probability\":"));
  EXPECT_EQ(as_classes.err, "");
  const ProgramResult imported =
      Run("import", {"there.onnx", "--output=values.ckpt", "--targets=values"});
  EXPECT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(Run("predict", {"values.ckpt", "image.pgm", "--json"}).out,
              HasSubstr("\"values\":["));
}

TEST_F(ExportTest, ImportNamesWhatIsWrong) {
  ExpectError({"there.onnx", "--output=a.ONNX"},
              "--output is a.ONNX, the name of an ONNX model; expected a "
              "checkpoint",
              "import");
  ExpectError({"run", "--output=a.ckpt"},
              "run: is a folder; expected an ONNX model", "import");
  ExpectError({"there.onnx", "--output=a.ckpt", "--targets=numbers"},
              "--targets is \"numbers\"; expected classes, labels or values",
              "import");
  ExpectError({"there.onnx"}, "--output is required", "import");
  ExpectError({}, "expected one ONNX file, got 0", "import");
  ExpectError({"missing.onnx", "--output=a.ckpt"}, "missing.onnx", "import");
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("no.onnx"), "dear diary"));
  ExpectError({"no.onnx", "--output=a.ckpt"},
              "no.onnx: is not an ONNX model, or is truncated or corrupted",
              "import");
  for (const char* shape :
       {"0,8,1", "-8,8,1", "8", "99999999,99999999,1", "x"}) {
    ExpectError(
        {"there.onnx", "--output=a.ckpt", absl::StrCat("--shape=", shape)},
        "--shape", "import");
  }
  // A user's own text.
  for (const char* text : {"dear diary", "layer { name: \"y\" relu {} }"}) {
    LENSLET_ASSERT_OK(WriteFileAtomically(Path("own.textproto"), text));
    ExpectError({"there.onnx", "--output=a.ckpt", "--model=own.textproto"},
                "--model is own.textproto, which lenslet import did not write",
                "import");
  }
  EXPECT_FALSE(FileExists(Path("a.ckpt")));
}

}  // namespace
}  // namespace lenslet
