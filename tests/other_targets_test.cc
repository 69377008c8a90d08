// lenslet evaluate, predict and visualize with data sets whose targets are
// values, labels or a class of each position, as a user runs them.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tests/run_program.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OtherTargetsTest : public ::testing::Test {
 protected:
  OtherTargetsTest() : folder_(EmptyTempFolder("other_targets_test")) {}

  // Saves a model of this text whose parameters are 0, and packs the data.
  void Save(const std::string& model, ExampleArrays arrays,
            const std::vector<std::string>& names) {
    CheckpointProto checkpoint;
    *checkpoint.mutable_model() =
        ParseModelText(model, "test.textproto")->model;
    const Graph graph = *BuildGraph(checkpoint.model());
    CopyParameters(*Parameters::Create(graph), checkpoint);
    checkpoint.mutable_class_name()->Add(names.begin(), names.end());
    EXPECT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
    EXPECT_THAT(WritePackedFile(*MakeDataset(std::move(arrays), names),
                                Path("data.packed")),
                IsOk());
  }

  ProgramResult Run(const std::string& command,
                    std::vector<std::string> arguments = {}) {
    arguments.push_back(Path("model.ckpt"));
    arguments.push_back(absl::StrCat("--data=packed { train_file: '",
                                     Path("data.packed"), "' }"));
    arguments.push_back("--split=train");
    return RunLenslet(command, arguments);
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  const std::string folder_;
};

constexpr char kTwoOutputs[] =
    "input { name: 'row' shape: [1] } "
    "layer { name: 'linear' linear { output_features: 2 } }";

class ValuesTest : public OtherTargetsTest {
 protected:
  ValuesTest() {
    ExampleArrays arrays = {.inputs = Tensor({4, 1}),
                            .targets = Tensor({4, 2}),
                            .kind = TargetKind::kValues};
    for (int i = 0; i < 4; ++i) arrays.targets.data()[2 * i] = i;
    Save(kTwoOutputs, std::move(arrays), {"price", "days"});
  }
};

TEST_F(ValuesTest, Evaluate) {
  const ProgramResult result = Run("evaluate", {"--mistakes=1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(" on 4 train examples"));
  EXPECT_THAT(result.out, HasSubstr("\nmean absolute error       0.7500\n"));
  EXPECT_THAT(result.out, HasSubstr("price  1.5000  3.5000  1.8708  -1.8000"));
  EXPECT_THAT(result.out, HasSubstr("      3  1.5000  price        3.0000"));
  const ProgramResult json = Run("evaluate", {"--json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["mean_absolute_error"], 0.75);
}

TEST_F(ValuesTest, EvaluateHasNoTopK) {
  const ProgramResult result = Run("evaluate", {"--top_k=2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              HasSubstr("--top_k is for classes of whole examples; the targets "
                        "of the data set are values"));
}

TEST_F(ValuesTest, Predict) {
  const ProgramResult result = Run("predict", {"--index=2", "--count=2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("train example 2\n"
                                    "  value  true  predicted\n"
                                    "  price     2          0\n"));
  EXPECT_THAT(result.out, HasSubstr("train example 3\n"));
  const ProgramResult json = Run("predict", {"--json", "--count=1"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["train_example"], 0);
}

TEST_F(ValuesTest, PredictBeyondTheEnd) {
  const ProgramResult result = Run("predict", {"--index=4"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("below 4, the number of train examples"));
}

TEST_F(ValuesTest, VisualizeSaysWhyItCannot) {
  const ProgramResult result =
      Run("visualize", {"--output=" + Path("pictures")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("numbers are drawn only of shape"));
}

TEST_F(ValuesTest, ARunHasAReport) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("model.textproto"), kTwoOutputs));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("recipe.textproto"),
      "model: \"model.textproto\" data { packed { train_file: "
      "\"data.packed\" test_file: \"data.packed\" } } batch_size: 2 epochs: 2 "
      "learning_rate: 0.01"));
  const ProgramResult trained = RunLenslet(
      "train", {Path("recipe.textproto"), "--run_dir=" + Path("run")});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.out, HasSubstr("4 training and 4 test examples"));
  EXPECT_THAT(trained.out, HasSubstr("test MAE"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile(Path("run/report.html"), 1 << 24));
  EXPECT_THAT(page, HasSubstr("<dt>Test mean absolute error</dt>"));
  EXPECT_THAT(page, HasSubstr("<section id=\"scatters\""));
  const ProgramResult compared =
      RunLenslet("compare", {Path("run"), Path("run"), "--target=0.5"});
  EXPECT_EQ(compared.exit_code, 1);
  EXPECT_THAT(compared.err, HasSubstr("--target is a test accuracy"));
}

TEST_F(OtherTargetsTest, Labels) {
  ExampleArrays arrays = {.inputs = Tensor({4, 1}),
                          .targets = Tensor({4, 2}, ElementType::kUint8),
                          .kind = TargetKind::kLabels};
  arrays.targets.data<uint8_t>()[1] = 1;
  Save(kTwoOutputs, std::move(arrays), {"sea", "sky"});
  const ProgramResult result = Run("evaluate");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\nexact match   0.7500  3 of 4\n"));
  EXPECT_THAT(result.out, HasSubstr("1  sky           1          0"));
  EXPECT_THAT(result.out, Not(HasSubstr("class")));
  const ProgramResult predicted = Run("predict", {"--count=1"});
  ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_THAT(predicted.out, HasSubstr("  sky    yes           50.0 %\n"));
}

TEST_F(OtherTargetsTest, Maps) {
  ExampleArrays arrays = {.inputs = Tensor({3, 2, 2, 1}, ElementType::kUint8),
                          .targets = Tensor({3, 2, 2}, ElementType::kUint8)};
  arrays.targets.data<uint8_t>()[0] = 1;
  Save(
      "input { name: 'image' shape: [2, 2, 1] } "
      "layer { name: 'conv' conv2d { output_channels: 2 kernel: 1 } }",
      std::move(arrays), {"ground", "disk"});
  const ProgramResult result = Run("evaluate");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("\naccuracy of positions  0.9167  11 of 12\n"));
  const ProgramResult predicted = Run("predict", {"--count=1"});
  ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_THAT(predicted.out, HasSubstr("3 of 4 positions are right: 75.0 %"));
  EXPECT_THAT(predicted.out, HasSubstr("lenslet report shows outputs as"));
  const ProgramResult drawn =
      Run("visualize", {"--output=" + Path("pictures")});
  EXPECT_EQ(drawn.exit_code, 0) << drawn.err;
}

}  // namespace
}  // namespace lenslet
