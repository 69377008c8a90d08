// Names that try to take hold of a terminal or a page: of classes, files,
// recipes and parameters.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kModel[] = R"(
name: "<script>alert(3)</script>"
input { name: "image" shape: [4, 4, 1] }
layer { name: "conv" conv2d { kernel: 3 output_channels: 2 } }
layer { name: "flatten" flatten {} }
layer { name: "classes" linear { output_features: 6 } }
)";

constexpr char kRecipe[] = R"(
name: "\033[31m</title><script>alert(4)</script>"
model: "model.textproto"
data {
  csv { train_file: "FILE" test_file: "FILE" shape: [4, 4, 1] }
  validation_fraction: 0.2
}
batch_size: 16
epochs: 2
learning_rate: 0.1
)";

const char* const kNames[] = {"\x1b]0;OWNED\x07\x1b[31mred",
                              "<script>alert(1)</script>",
                              "a\rb",
                              "\u202eevil",
                              "\u009b31mblue",
                              "caf\u00e9"};

class HostileNamesTest : public ::testing::Test {
 protected:
  HostileNamesTest() : folder_(EmptyTempFolder("hostile_names_test")) {
    // A file whose name would be two lines.
    const std::string file = "one\ntwo: \x1b[2J.csv";
    std::string rows;
    // Not as many of each class, so that the header names them.
    for (int i = 0; i < 92; ++i) {
      absl::StrAppend(&rows, kNames[i % 6]);
      for (int j = 0; j < 16; ++j) absl::StrAppend(&rows, ",", i * j % 256);
      rows.push_back('\n');
    }
    EXPECT_THAT(WriteFileAtomically(Path(file), rows), IsOk());
    EXPECT_THAT(WriteFileAtomically(Path("model.textproto"), kModel), IsOk());
    EXPECT_THAT(WriteFileAtomically(
                    Path("recipe.textproto"),
                    absl::StrReplaceAll(kRecipe,
                                        {{"FILE", "one\\ntwo: \\033[2J.csv"}})),
                IsOk());
    EXPECT_EQ(
        Check("train", {Path("recipe.textproto"), "--run_dir=" + Path("run")}),
        0);
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  // Runs the command and checks what it prints. Returns its exit code.
  int Check(const std::string& command,
            const std::vector<std::string>& arguments) {
    const ProgramResult result = RunLenslet(command, arguments);
    for (const std::string& text : {result.out, result.err}) {
      EXPECT_EQ(text, PrintableLines(text)) << command;
    }
    out_ = result.out;
    err_ = result.err;
    return result.exit_code;
  }

  const std::string folder_;
  std::string out_, err_;
};

TEST_F(HostileNamesTest, AreEscapedInAllThatIsPrinted) {
  const std::string run = Path("run");
  EXPECT_THAT(out_, HasSubstr("\\x1b]0;OWNED\\x07\\x1b[31mred"));
  EXPECT_THAT(out_, HasSubstr("caf\u00e9"));
  EXPECT_EQ(Check("predict", {run, "--split=train"}), 0);
  EXPECT_THAT(out_, HasSubstr("train image 0: \\x1b]0;OWNED"));
  EXPECT_THAT(out_, HasSubstr("train image 1: a\\rb"));
  EXPECT_EQ(Check("predict", {run, "--split=train", "--json", "--count=12"}),
            0);
  EXPECT_THAT(out_, HasSubstr("\\u202eevil"));
  EXPECT_EQ(Check("evaluate", {run, "--json=" + Path("evaluate.json")}), 0);
  EXPECT_EQ(Check("visualize", {run, "--output=" + Path("pictures")}), 0);
  EXPECT_EQ(Check("lint", {Path("model.textproto"), Path("recipe.textproto")}),
            0);
  EXPECT_EQ(Check("compare", {run, run}), 0);
  EXPECT_EQ(Check("draw", {run}), 0);
  EXPECT_EQ(Check("summarize", {run}), 0);
  EXPECT_EQ(Check("report", {run}), 0);
}

TEST_F(HostileNamesTest, AreTextInAReport) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile(Path("run/report.html")));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("</title><script>")));
  EXPECT_EQ(page.find_first_of("\x1b\x07\r"), std::string::npos);
}

TEST_F(HostileNamesTest, AnErrorIsOneLine) {
  EXPECT_EQ(Check("predict", {Path("run"), Path("no\nsuch\x1b[2J.png")}), 1);
  EXPECT_THAT(err_, HasSubstr("no\\nsuch\\x1b[2J.png: No such file"));
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
  EXPECT_EQ(Check("train", {"a\nb\x1b"}), 1);
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
  EXPECT_EQ(Check("train", {"--mo\ndel=a"}), 2);
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
}

TEST_F(HostileNamesTest, AParameterOfACheckpoint) {
  LENSLET_ASSERT_OK_AND_ASSIGN(CheckpointProto checkpoint,
                               LoadCheckpoint(Path("run")));
  // Protobuf itself would print that the text is not UTF-8.
  checkpoint.mutable_parameter(0)->set_name("conv\n\x1b[31m\xff.weight");
  LENSLET_ASSERT_OK(SaveCheckpoint(Path("hostile.ckpt"), checkpoint));
  EXPECT_EQ(Check("predict", {Path("hostile.ckpt")}), 1);
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
}

}  // namespace
}  // namespace lenslet
