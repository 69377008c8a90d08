#include "lenslet/train/check_fit.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void ExpectMisfit(const Graph& graph, const Dataset& dataset,
                  const std::string& message) {
  EXPECT_THAT(CheckFit(graph, dataset),
              StatusIs(absl::StatusCode::kInvalidArgument, message));
}

// Of images of 2 x 3 pixels.
Graph VectorNet(int outputs) {
  return GraphOf(
      "input { name: 'image' shape: [2, 3, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'out' linear { output_features: " +
      std::to_string(outputs) + " } }");
}

// A number for each pixel and each of the outputs.
Graph MapNet(int outputs) {
  return GraphOf(
      "input { name: 'image' shape: [2, 3, 1] }"
      "layer { name: 'out' conv2d { kernel: 1 output_channels: " +
      std::to_string(outputs) + " } }");
}

Dataset WithTargets(Tensor targets, TargetKind kind,
                    std::vector<std::string> names) {
  const int64_t size = targets.shape().dim(0);
  return *MakeDataset({.inputs = Tensor({size, 2, 3, 1}, ElementType::kUint8),
                       .targets = std::move(targets),
                       .kind = kind},
                      std::move(names));
}

Dataset Classes() {
  return WithTargets(Tensor({4}, ElementType::kUint8), TargetKind::kClasses,
                     {"a", "b", "c"});
}

TEST(CheckFitTest, NeedsAScoreForEachClass) {
  LENSLET_EXPECT_OK(CheckFit(VectorNet(3), Classes()));
  ExpectMisfit(VectorNet(4), Classes(),
               "the model's output, layer \"out\", has shape [4]; expected "
               "[3], a score for each class");
  ExpectMisfit(MapNet(3), Classes(),
               "the model's output, layer \"out\", has shape [2, 3, 3]; "
               "expected [3], a score for each class");
}

TEST(CheckFitTest, AColumnTooManyMayBeAnIndex) {
  const Graph graph = GraphOf(
      "input { name: 'row' shape: 2 } "
      "layer { name: 'out' linear { output_features: 2 } }");
  Dataset dataset =
      *MakeDataset({.inputs = Tensor({4, 3}, ElementType::kFloat32),
                    .targets = Tensor({4}, ElementType::kUint8)},
                   {"a", "b"});
  const std::string misfit =
      "the model's input \"row\" has shape [2]; the data set's examples have "
      "shape [3]";
  ExpectMisfit(graph, dataset, misfit);
  dataset.input_names = {"", "x", "y"};
  ExpectMisfit(graph, dataset,
               misfit +
                   "; if the first column, which has no name, is an index, "
                   "data.csv.ignore leaves it out");
}

TEST(CheckFitTest, NeedsAScoreForEachClassAtEachPosition) {
  const Dataset dataset = WithTargets(Tensor({4, 2, 3}, ElementType::kUint8),
                                      TargetKind::kClasses, {"sky", "road"});
  LENSLET_EXPECT_OK(CheckFit(MapNet(2), dataset));
  ExpectMisfit(MapNet(3), dataset,
               "the model's output, layer \"out\", has shape [2, 3, 3]; "
               "expected [2, 3, 2], a score for each class at each position");
  ExpectMisfit(VectorNet(2), dataset,
               "the model's output, layer \"out\", has shape [2]; expected "
               "[2, 3, 2], a score for each class at each position");
}

// As an array [examples, labels] without target { classes {} }.
TEST(CheckFitTest, SaysWhatToDoWithLabelsReadAsClasses) {
  ExpectMisfit(
      VectorNet(5),
      WithTargets(Tensor({4, 5}, ElementType::kUint8), TargetKind::kClasses,
                  {"0", "1"}),
      "the model's output, layer \"out\", has shape [5]; expected [5, 2], a "
      "score for each class at each position; if the targets are labels that "
      "apply or not, add target { classes {} } to the data");
}

TEST(CheckFitTest, NeedsAnOutputForEachLabel) {
  const Dataset dataset =
      WithTargets(Tensor({4, 5}, ElementType::kUint8), TargetKind::kLabels, {});
  LENSLET_EXPECT_OK(CheckFit(VectorNet(5), dataset));
  ExpectMisfit(VectorNet(6), dataset,
               "the model's output, layer \"out\", has shape [6]; expected "
               "[5], the shape of the targets, which are labels");
}

TEST(CheckFitTest, NeedsTheShapeOfValues) {
  const Dataset values =
      WithTargets(Tensor({4, 2}), TargetKind::kValues, {"x", "y"});
  LENSLET_EXPECT_OK(CheckFit(VectorNet(2), values));
  ExpectMisfit(VectorNet(1), values,
               "the model's output, layer \"out\", has shape [1]; expected "
               "[2], the shape of the targets, which are values");
  const Dataset pictures =
      WithTargets(Tensor({4, 2, 3, 2}), TargetKind::kValues, {});
  LENSLET_EXPECT_OK(CheckFit(MapNet(2), pictures));
  ExpectMisfit(MapNet(1), pictures,
               "the model's output, layer \"out\", has shape [2, 3, 1]; "
               "expected [2, 3, 2], the shape of the targets, which are "
               "values");
}

TEST(CheckFitTest, NeedsExamplesAndNames) {
  ExpectMisfit(VectorNet(3), Dataset(), "the data set has no examples");
  ExpectMisfit(VectorNet(3), FirstExamples(Classes(), 0),
               "the data set has no examples");
  Dataset dataset = Classes();
  dataset.target_names.clear();
  ExpectMisfit(VectorNet(3), dataset, "the data set has no names of classes");
}

TEST(CheckFitTest, NeedsTheModelsInput) {
  const Graph other = GraphOf(
      "input { name: 'sound' shape: [6] }"
      "layer { name: 'out' linear { output_features: 3 } }");
  ExpectMisfit(other, Classes(),
               "the model's input \"sound\" has shape [6]; the data set's "
               "examples have shape [2, 3, 1]");
  const Graph two = GraphOf(
      "input { name: 'a' shape: [2, 3, 1] }"
      "input { name: 'b' shape: [2, 3, 1] }"
      "layer { name: 'sum' input: 'a' input: 'b' add {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'out' linear { output_features: 3 } }");
  ExpectMisfit(two, Classes(),
               "the model has 2 inputs; expected one, the "
               "image");
  ExpectMisfit(two, WithTargets(Tensor({4, 3}), TargetKind::kValues, {}),
               "the model has 2 inputs; expected one, the example");
}

TEST(CheckFitTest, NeedsANormalizationThatFits) {
  Dataset dataset = Classes();
  dataset.normalization = {.mean = {0, 1}, .deviation = {1}};
  EXPECT_THAT(CheckFit(VectorNet(3), dataset),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::HasSubstr("normalization.mean has 2")));
}

}  // namespace
}  // namespace lenslet
