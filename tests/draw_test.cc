// lenslet draw, as a user runs it.

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ProgramResult Draw(const std::vector<std::string>& arguments) {
  return RunLenslet("draw", arguments);
}

TEST(DrawTest, DrawsEachModelOfTheZoo) {
  for (const std::string& model : ZooModelNames()) {
    const ProgramResult result = Draw({model});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, StartsWith("<svg "));
    EXPECT_THAT(result.out, EndsWith("</svg>\n"));
  }
}

TEST(DrawTest, OutputsNameSaysTheFormat) {
  const std::string folder = EmptyTempFolder("draw_test");
  EXPECT_EQ(
      Draw({"residual", "--output=" + folder + "/a.dot", "--direction=right"})
          .exit_code,
      0);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string dot,
                               ReadFile(folder + "/a.dot"));
  EXPECT_THAT(dot, StartsWith("digraph network {\n"));
  EXPECT_THAT(dot, HasSubstr("rankdir=\"LR\""));
  EXPECT_THAT(dot, HasSubstr("  \"pool\" -> \"block1\"\n"));
  EXPECT_EQ(Draw({"residual", "--format=dot", "--direction=right"}).out, dot);
  const ProgramResult svg = Draw({"residual", "--output=" + folder + "/a.svg"});
  EXPECT_EQ(svg.exit_code, 0);
  EXPECT_EQ(svg.out, "wrote " + folder + "/a.svg\n");
  EXPECT_THAT(*ReadFile(folder + "/a.svg"), StartsWith("<svg "));
}

TEST(DrawTest, DrawsACheckpointAsItsModel) {
  const std::string folder = EmptyTempFolder("draw_test");
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = LoadModel("lenet")->model;
  const Graph graph = *BuildGraph(checkpoint.model());
  CopyParameters(*Parameters::Create(graph), checkpoint);
  LENSLET_ASSERT_OK(SaveCheckpoint(folder + "/x.ckpt", checkpoint));
  const ProgramResult result = Draw({folder + "/x.ckpt"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, Draw({"lenet"}).out);
  // A run's folder.
  LENSLET_ASSERT_OK(SaveCheckpoint(folder + "/latest.ckpt", checkpoint));
  EXPECT_EQ(Draw({folder}).out, result.out);
}

TEST(DrawTest, SaysWhatIsWrong) {
  const auto expect = [](const std::vector<std::string>& arguments,
                         int exit_code, const std::string& message) {
    const ProgramResult result = Draw(arguments);
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("lenslet draw: " + message));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  };
  expect({}, 2, "expected a network, as in: lenslet draw lenet (");
  expect({"lenet", "mlp"}, 2, "expected one network, got 2");
  expect({"lenett"}, 1,
         "\"lenett\" is neither a model of the zoo nor a file; expected");
  expect({"lenet", "--format=png"}, 2,
         "--format is \"png\"; expected svg or dot");
  expect({"lenet", "--output=a.png"}, 2,
         "--output is \"a.png\"; expected a name that ends in .svg or .dot");
  expect(
      {"lenet", "--format=svg", "--output=a.dot"}, 2,
      "--format is svg, but --output is \"a.dot\"; expected the same format");
  expect({"lenet", "--direction=up"}, 2,
         "--direction is \"up\"; expected down or right");
  expect({"lenet", "--output=/none/a.svg"}, 1, "/none/a.svg");
}

TEST(DrawTest, DoesNotReplaceTheModel) {
  const std::string model = EmptyTempFolder("draw_test") + "/my.textproto";
  LENSLET_ASSERT_OK(WriteFileAtomically(model, "input { name: 'x' shape: 8 }"));
  for (const char* word : {model.c_str(), "lenet"}) {
    const ProgramResult result =
        Draw({word, "--format=svg", "--output=" + model});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("--output is " + model + ", "));
  }
  EXPECT_EQ(*ReadFile(model), "input { name: 'x' shape: 8 }");
}

}  // namespace
}  // namespace lenslet
