// lenslet summarize, as a user runs it.

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ProgramResult SummarizeModel(const std::vector<std::string>& arguments) {
  return RunLenslet("summarize", arguments);
}

TEST(SummarizeToolTest, ShowsLeNet) {
  const ProgramResult result = SummarizeModel({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              StartsWith("layer     type       output        parameters  "
                         "multiply-adds   bytes     sees  every  kernel\n"
                         "image     input      28 x 28 x 1                     "
                         "          3,136\n"
                         "conv1     Conv2d     28 x 28 x 6          156        "
                         "117,600  18,816    5 x 5  1 x 1  lanes\n"
                         "sigmoid1  Sigmoid    28 x 28 x 6            0        "
                         "      0  18,816    5 x 5  1 x 1  lanes\n"
                         "pool1     AvgPool2d  14 x 14 x 6            0        "
                         "      0   4,704    6 x 6  2 x 2  lanes\n"));
  EXPECT_THAT(result.out, HasSubstr("pool2     AvgPool2d  5 x 5 x 16 "));
  EXPECT_THAT(result.out, HasSubstr("  1,600  16 x 16  4 x 4  lanes\n"));
  EXPECT_THAT(result.out,
              HasSubstr("\nlinear3   Linear     10                   850       "
                        "     840      40                  lanes\n"));
}

TEST(SummarizeToolTest, ShowsEachModelOfTheZooOnEachBackend) {
  for (const std::string& model : ZooModelNames()) {
    for (const char* backend : {"lanes", "xnnpack", "direct", "reference"}) {
      const ProgramResult result = SummarizeModel(
          {model, "--training=false", std::string("--backend=") + backend});
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_THAT(result.out, HasSubstr("\ntotal "));
      EXPECT_THAT(result.out, HasSubstr(std::string("  ") + backend + "\n"));
    }
  }
}

TEST(SummarizeToolTest, TakesARunsFolder) {
  const std::string folder = EmptyTempFolder("summarize_test");
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = LoadModel("mlp")->model;
  LENSLET_ASSERT_OK(SaveCheckpoint(folder + "/latest.ckpt", checkpoint));
  const std::string expected = SummarizeModel({"mlp"}).out;
  EXPECT_EQ(SummarizeModel({folder}).out, expected);
}

TEST(SummarizeToolTest, MissesAFlattenLayer) {
  const std::string path = EmptyTempFolder("summarize_flatten") + "/model";
  LENSLET_ASSERT_OK(WriteFileAtomically(
      path,
      "input { name: 'x' shape: [4, 4, 1] }\n"
      "layer { name: 'fc' linear { output_features: 3 } }\n"));
  const ProgramResult result = SummarizeModel({path});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err,
            "warning: linear layer \"fc\" transforms each position separately; "
            "add a flatten layer before it\n");
}

TEST(SummarizeToolTest, SaysWhatIsWrong) {
  const auto expect = [](const std::string& argument, int exit_code,
                         const std::string& message) {
    const ProgramResult result = SummarizeModel({argument});
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("lenslet summarize: "));
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  };
  expect("lenett", 1, "did you mean \"lenet\"?");
  expect("/none", 1, "/none: No such file or directory");
  expect("--backend=gpu", 2, "--backend: ");
  expect("--layers=3", 2, "unknown flag --layers");
}

}  // namespace
}  // namespace lenslet
