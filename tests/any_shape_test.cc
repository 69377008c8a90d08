// Every command on examples that are not images of one or three channels:
// whatever shape a user's data have, a command answers, or says what it lacks.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class AnyShapeTest : public ::testing::TestWithParam<std::vector<int>> {
 protected:
  AnyShapeTest()
      : folder_(EmptyTempFolder(
            absl::StrCat("any_shape_test", absl::StrJoin(GetParam(), "_")))),
        run_(folder_ + "/run") {
    const std::string shape = absl::StrJoin(GetParam(), ", ");
    // With a layer whose filters and channels can be drawn, where the shape
    // allows one.
    const int rank = static_cast<int>(GetParam().size());
    const std::string conv =
        rank == 1 ? ""
                  : absl::StrCat("layer { name: 'conv' conv", rank - 1,
                                 "d { kernel: 2 output_channels: 2 } }\n");
    EXPECT_THAT(WriteFileAtomically(
                    folder_ + "/model.textproto",
                    absl::StrCat(
                        "input { name: 'x' shape: [", shape, "] }\n", conv,
                        "layer { name: 'flatten' flatten {} }\n"
                        "layer { name: 'out' linear { output_features: 3 } }")),
                IsOk());
    EXPECT_THAT(
        WriteFileAtomically(
            folder_ + "/recipe.textproto",
            absl::StrCat(
                "model: 'model.textproto'\ndata { synthetic { shape: [", shape,
                "] classes: 3 train_examples: 60 test_examples: 9 } }\n"
                "batch_size: 16 epochs: 1 learning_rate: 0.1")),
        IsOk());
    // With its report.
    Expect(0, "train", {folder_ + "/recipe.textproto", "--run_dir=" + run_});
  }

  void Expect(int exit_code, const std::string& command,
              const std::vector<std::string>& arguments) {
    result_ = RunLenslet(command, arguments);
    EXPECT_EQ(result_.exit_code, exit_code)
        << command << ": " << result_.out << result_.err;
  }

  const std::string folder_;
  const std::string run_;
  ProgramResult result_;
};

TEST_P(AnyShapeTest, EveryCommandAnswers) {
  Expect(0, "predict", {run_});
  EXPECT_THAT(result_.out, HasSubstr("test example 2: "));
  Expect(0, "predict", {run_, "--count=9", "--json"});
  Expect(0, "evaluate", {run_});
  Expect(0, "report", {run_});
  Expect(0, "visualize", {run_, "--show", "--output=" + folder_ + "/pictures"});
  Expect(0, "summarize", {run_});
  Expect(0, "draw", {run_});
  for (const char* backend : {"lanes", "xnnpack", "reference", "direct"}) {
    Expect(0, "predict", {run_, absl::StrCat("--backend=", backend)});
    Expect(0, "profile",
           {folder_ + "/model.textproto", "--repeats=1", "--batch_size=16",
            "--training=false", absl::StrCat("--backend=", backend)});
  }
}

TEST_P(AnyShapeTest, AnImageThatTheModelCannotTakeIsAnError) {
  const std::string image = folder_ + "/image.pgm";
  LENSLET_ASSERT_OK(
      WriteFileAtomically(image, "P5 2 2 255\n" + std::string(4, 'x')));
  Expect(1, "predict", {run_, image});
  EXPECT_THAT(result_.err, HasSubstr("image.pgm: the "));
  Expect(1, "visualize",
         {run_, "--image=" + image, "--output=" + folder_ + "/pictures"});
}

INSTANTIATE_TEST_SUITE_P(Shapes, AnyShapeTest,
                         ::testing::Values(std::vector<int>{5},
                                           std::vector<int>{6, 4},
                                           std::vector<int>{4, 4, 2},
                                           std::vector<int>{4, 4, 4},
                                           std::vector<int>{2, 4, 4, 1}));

}  // namespace
}  // namespace lenslet
