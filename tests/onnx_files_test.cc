// An ONNX model in place of a checkpoint: each command does with it what it
// does with the checkpoint that lenslet import makes of it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kData[] =
    "--data=synthetic { shape: [8, 8, 1] classes: 3 train_examples: 40 "
    "noise: 0.8 }";

class OnnxFilesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new std::string(EmptyTempFolder("onnx_files_test"));
    const std::string recipe = WriteSmallRecipe(*folder_);
    EXPECT_EQ(Train(recipe, *folder_ + "/run", {"--epochs=1"}).exit_code, 0);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"export", "run", "--onnx=net.onnx"},
          std::vector<std::string>{"import", "net.onnx",
                                   "--output=net.ckpt"}}) {
      const ProgramResult result =
          Run(words[0], {words.begin() + 1, words.end()});
      EXPECT_EQ(result.exit_code, 0) << result.err;
    }
  }
  static void TearDownTestSuite() { delete folder_; }

  static std::string Path(const std::string& name) {
    return *folder_ + "/" + name;
  }
  static ProgramResult Run(const std::string& command,
                           const std::vector<std::string>& arguments) {
    return RunLenslet(
        command, arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", *folder_, "';"));
  }
  // Both files give the same text but for their names.
  static void ExpectSame(const std::string& command,
                         std::vector<std::string> arguments,
                         const std::string& text) {
    arguments.insert(arguments.begin(), "net.onnx");
    const ProgramResult onnx = Run(command, arguments);
    arguments[0] = "net.ckpt";
    const ProgramResult checkpoint = Run(command, arguments);
    EXPECT_EQ(onnx.exit_code, 0) << onnx.err;
    EXPECT_THAT(onnx.out, HasSubstr(text));
    EXPECT_EQ(absl::StrReplaceAll(onnx.out, {{"net.onnx", "net.ckpt"}}),
              checkpoint.out);
    EXPECT_EQ(onnx.err, checkpoint.err);
  }
  static void WriteModel(const std::string& name,
                         const onnx::ModelProto& model) {
    LENSLET_EXPECT_OK(
        WriteFileAtomically(Path(name), model.SerializeAsString()));
  }
  static onnx::ModelProto Model(const std::string& name = "net.onnx") {
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(*ReadFile(Path(name))));
    return model;
  }

  static std::string* folder_;
};

std::string* OnnxFilesTest::folder_ = nullptr;

TEST_F(OnnxFilesTest, EachCommandTakesThem) {
  ExpectSame("summarize", {}, "conv");
  ExpectSame("draw", {"--format=dot"}, "conv");
  ExpectSame("evaluate", {kData, "--split=train"}, "accuracy");
  ExpectSame("predict", {kData, "--split=train", "--count=3"}, "of 3 correct");
  ExpectSame("visualize", {kData, "--split=train", "--output=pictures"},
             "01_conv_activations.png");
  const ProgramResult profile = Run("profile", {"net.onnx", "--repeats=1"});
  EXPECT_EQ(profile.exit_code, 0) << profile.err;
  EXPECT_THAT(profile.out, HasSubstr("conv"));
  const ProgramResult again =
      Run("export", {"net.onnx", "--onnx=older.onnx", "--opset=9"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("opset 9"));
}

TEST_F(OnnxFilesTest, TrainingStartsFromThem) {
  const std::string recipe = WriteSmallRecipe(*folder_);
  for (const char* file : {"net.onnx", "net.ckpt"}) {
    const ProgramResult result =
        Train(recipe, Path(absl::StrCat("from_", file)),
              {"--epochs=1", "--set=start_from=" + Path(file)});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("started from"));
  }
  EXPECT_THAT(TimelessMetrics(Path("from_net.onnx")), Not(IsEmpty()));
  EXPECT_EQ(TimelessMetrics(Path("from_net.onnx")),
            TimelessMetrics(Path("from_net.ckpt")));
}

TEST_F(OnnxFilesTest, LintListsWhatCannotBeImported) {
  EXPECT_EQ(Run("lint", {"net.onnx"}).exit_code, 0);
  onnx::ModelProto model = Model();
  for (const char* name : {"first", "second"}) {
    onnx::NodeProto& node = *model.mutable_graph()->add_node();
    node.set_op_type("Det");
    node.set_name(name);
    node.add_input(model.graph().output(0).name());
    node.add_output(absl::StrCat(name, " output"));
    model.mutable_graph()->mutable_output(0)->set_name(node.output(0));
  }
  WriteModel("bad.onnx", model);
  const ProgramResult lint = Run("lint", {"bad.onnx"});
  EXPECT_EQ(lint.exit_code, 1);
  EXPECT_THAT(lint.out, AllOf(StartsWith("bad.onnx: node \"first\" (Det): "),
                              HasSubstr("\nbad.onnx: node \"second\" (Det): "),
                              Not(HasSubstr(*folder_))));
  EXPECT_THAT(lint.err, HasSubstr("found 2 errors"));
  // Others give one error in one line, with the file's name.
  for (const char* command :
       {"summarize", "draw", "evaluate", "predict", "profile"}) {
    const ProgramResult result = Run(command, {"bad.onnx"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err,
                AllOf(StartsWith(absl::StrCat("lenslet ", command, ": ",
                                              Path("bad.onnx"),
                                              ": node \"first\" (Det): ")),
                      HasSubstr("; lenslet lint lists all nodes")));
  }
}

TEST_F(OnnxFilesTest, WarnAsTheirImportDoes) {
  ASSERT_EQ(Run("export", {"run", "--onnx=other.onnx", "--normalize=false"})
                .exit_code,
            0);
  onnx::ModelProto model = Model("other.onnx");
  model.clear_producer_name();
  WriteModel("other.onnx", model);
  const ProgramResult import =
      Run("import", {"other.onnx", "--output=other.ckpt"});
  EXPECT_THAT(import.err, StartsWith("warning: the model takes pixels"));
  EXPECT_EQ(Run("summarize", {"other.onnx"}).err, import.err);
  EXPECT_EQ(Run("predict", {"other.onnx", kData, "--split=train"}).err,
            import.err);
  EXPECT_EQ(Run("evaluate", {"other.onnx", kData, "--split=train"}).err,
            import.err);
  const ProgramResult lint = Run("lint", {"other.onnx"});
  EXPECT_EQ(lint.exit_code, 0);
  EXPECT_EQ(lint.out, "other.onnx: " + import.err);
}

TEST_F(OnnxFilesTest, LintReportsAllFiles) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("image.pgm"),
                                        absl::StrCat("P5 1 1 255\n", "a")));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("empty.onnx"), ""));
  const ProgramResult lint =
      Run("lint", {"image.pgm", "empty.onnx", "net.onnx", "empty.onnx"});
  EXPECT_EQ(lint.exit_code, 2);
  EXPECT_EQ(lint.out,
            "empty.onnx: is not an ONNX model, or is truncated or corrupted\n"
            "empty.onnx: is not an ONNX model, or is truncated or "
            "corrupted\n");
  EXPECT_THAT(lint.err, AllOf(HasSubstr("image.pgm is an image"),
                              HasSubstr("found 3 errors")));
  EXPECT_THAT(Run("lint", {"image.pgm"}).err, Not(HasSubstr("found")));
}

TEST_F(OnnxFilesTest, OpenSizesAreAnsweredWithACommand) {
  onnx::ModelProto model = Model();
  for (const int axis : {2, 3}) {
    model.mutable_graph()
        ->mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(axis)
        ->set_dim_param("size");
  }
  WriteModel("open.onnx", model);
  const ProgramResult result = Run("summarize", {"open.onnx"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr(Path("open.onnx") + ": input "),
                    HasSubstr("expected sizes from lenslet import --shape")));
  EXPECT_EQ(Run("import", {"open.onnx", "--shape=8,8,1", "--output=open.ckpt"})
                .exit_code,
            0);
  EXPECT_EQ(Run("summarize", {"open.ckpt"}).out,
            Run("summarize", {"net.onnx"}).out);
}

}  // namespace
}  // namespace lenslet
