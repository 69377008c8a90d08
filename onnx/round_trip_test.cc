// Networks leave as ONNX models and come back.

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"
#include "lenslet/onnx/export.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/model_writer.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {
namespace {

// The network of a model, with random parameters.
absl::StatusOr<TrainedNetwork> RandomNetwork(const ModelProto& model) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(model));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  Random random(7);
  for (int i = 0; i < parameters.size(); ++i) {
    const ParameterInfo& info = parameters.info(i).info;
    const bool is_positive = info.role == ParameterRole::kScale ||
                             info.role == ParameterRole::kRunningVariance;
    const double size = 1 / std::sqrt(static_cast<double>(info.fan_in));
    for (float& value : parameters.view(i).span()) {
      const double uniform = random.Uniform();
      value = static_cast<float>(is_positive ? 0.5 + uniform
                                             : (4 * uniform - 2) * size);
    }
  }
  TrainedNetwork network{
      .checkpoint = {}, .graph = graph, .parameters = std::move(parameters)};
  *network.checkpoint.mutable_model() = model;
  CopyParameters(network.parameters, network.checkpoint);
  return network;
}

std::vector<float> Outputs(const TrainedNetwork& network) {
  const Shape& input = network.graph.inputs()[0].shape;
  const Shape& output =
      network.graph.ShapeOfValue(network.graph.output_value());
  Random random(8);
  std::vector<float> image(input.elements());
  for (float& value : image) value = static_cast<float>(random.Uniform());
  std::vector<float> outputs(output.elements());
  absl::StatusOr<std::unique_ptr<Predictor>> predictor = Predictor::Create(
      network.graph, network.parameters, {.kind = TargetKind::kValues}, {},
      {.backend = Backend::kReference});
  LENSLET_EXPECT_OK(predictor);
  if (!predictor.ok()) return {};
  LENSLET_EXPECT_OK(
      (*predictor)
          ->Predict(absl::MakeConstSpan(image), absl::MakeSpan(outputs)));
  return outputs;
}

absl::StatusOr<TrainedNetwork> Imported(const std::string& bytes) {
  LENSLET_ASSIGN_OR_RETURN(OnnxImport import, ImportOnnx(bytes));
  LENSLET_ASSIGN_OR_RETURN(Graph graph, GraphOf(import.checkpoint));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters,
                           RestoreParameters(graph, import.checkpoint));
  return TrainedNetwork{.checkpoint = std::move(import.checkpoint),
                        .graph = std::move(graph),
                        .parameters = std::move(parameters)};
}

std::vector<std::string> TenNames() {
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(absl::StrCat("class ", i));
  return names;
}

// Of images [2, 2, 3], with one layer.
absl::StatusOr<TrainedNetwork> NetworkOfColorImages() {
  LENSLET_ASSIGN_OR_RETURN(
      const ModelText text,
      ParseModelText(R"(input { name: "x" shape: [2, 2, 3] }
                        layer { name: "y" relu {} })",
                     "test"));
  return RandomNetwork(text.model);
}

TEST(RoundTripTest, KeepsWhatOutputsMean) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel("mlp"));
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network,
                               RandomNetwork(text.model));
  for (const OutputTargets& targets : std::vector<OutputTargets>{
           {.kind = TargetKind::kClasses},
           {.kind = TargetKind::kClasses, .names = TenNames()},
           {.kind = TargetKind::kLabels},
           {.kind = TargetKind::kValues, .names = TenNames()}}) {
    TargetsToCheckpoint(targets, network.checkpoint);
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportOnnx(network));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported,
                                 Imported(bytes));
    const OutputTargets got = TargetsFromCheckpoint(imported.checkpoint);
    EXPECT_EQ(got.kind, targets.kind);
    if (targets.kind != TargetKind::kClasses || !targets.names.empty()) {
      EXPECT_EQ(got.names, targets.names);
    } else {
      EXPECT_THAT(got.names, testing::SizeIs(10));
      EXPECT_TRUE(AreIndices(got.names));
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again, ExportOnnx(imported));
    EXPECT_TRUE(bytes == again);
    if (targets.kind == TargetKind::kValues) continue;
    // With probabilities, the network has the same scores.
    const OnnxExportOptions options = {.probabilities = true};
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string probable,
                                 ExportOnnx(network, options));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork scores,
                                 Imported(probable));
    EXPECT_EQ(Outputs(network), Outputs(scores));
    EXPECT_EQ(TargetsFromCheckpoint(scores.checkpoint).kind, targets.kind);
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import, ImportOnnx(probable));
    EXPECT_THAT(import.notes, testing::IsEmpty());
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string twice,
                                 ExportOnnx(scores, options));
    EXPECT_TRUE(probable == twice);
  }
}

// A sigmoid that is the network's own stays.
TEST(RoundTripTest, KeepsALayerOfSigmoid) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(R"(input { name: "x" shape: [4] }
                        layer { name: "y" sigmoid {} })",
                                              "test"));
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network,
                               RandomNetwork(text.model));
  for (const TargetKind kind : {TargetKind::kClasses, TargetKind::kLabels}) {
    TargetsToCheckpoint({.kind = kind}, network.checkpoint);
    for (const bool probabilities : {false, true}) {
      const OnnxExportOptions options = {.probabilities = probabilities};
      LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                                   ExportOnnx(network, options));
      LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported,
                                   Imported(bytes));
      EXPECT_EQ(imported.graph.nodes().size(), 1);
      EXPECT_EQ(TargetsFromCheckpoint(imported.checkpoint).kind, kind);
      LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                                   ExportOnnx(imported, options));
      EXPECT_TRUE(bytes == again);
    }
  }
}

TEST(RoundTripTest, KeepsTheRecipesDigest) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel("mlp"));
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network,
                               RandomNetwork(text.model));
  network.checkpoint.set_recipe("a recipe");
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportOnnx(network));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported, Imported(bytes));
  EXPECT_EQ(imported.checkpoint.recipe(), "");
  EXPECT_THAT(imported.checkpoint.recipe_digest(), testing::SizeIs(32));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again, ExportOnnx(imported));
  EXPECT_TRUE(bytes == again);
}

TEST(RoundTripTest, KeepsHowManyMeansThereAre) {
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network, NetworkOfColorImages());
  NormalizationProto& normalization =
      *network.checkpoint.mutable_normalization();
  normalization.add_mean(0.5f);
  for (const float deviation : {0.1f, 0.2f, 0.3f}) {
    normalization.add_deviation(deviation);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportOnnx(network));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported, Imported(bytes));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again, ExportOnnx(imported));
  EXPECT_TRUE(bytes == again);
}

// A model that takes normalized numbers says how.
TEST(RoundTripTest, KeepsTheNormalizationThatIsLeftOut) {
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network, NetworkOfColorImages());
  NormalizationProto& normalization =
      *network.checkpoint.mutable_normalization();
  normalization.add_mean(1.0f / 3);
  for (const float deviation : {0.1f, 1e-7f, 0.3f}) {
    normalization.add_deviation(deviation);
  }
  const OnnxExportOptions options = {.normalize = false};
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                               ExportOnnx(network, options));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported, Imported(bytes));
  EXPECT_EQ(imported.checkpoint.normalization().SerializeAsString(),
            normalization.SerializeAsString());
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                               ExportOnnx(imported, options));
  EXPECT_TRUE(bytes == again);
}

TEST(RoundTripTest, KeepsHowImagesAreFitted) {
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network, NetworkOfColorImages());
  for (const bool has_more : {false, true}) {
    ImageFoldersProto& images = *network.checkpoint.mutable_image_files();
    images.set_fit(has_more ? LETTERBOX : STRETCH);
    if (has_more) {
      for (const int64_t color : {0, 10, 255}) images.add_background(color);
      images.set_crop_margin(3);
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportOnnx(network));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported,
                                 Imported(bytes));
    EXPECT_EQ(imported.checkpoint.image_files().SerializeAsString(),
              images.SerializeAsString());
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again, ExportOnnx(imported));
    EXPECT_TRUE(bytes == again);
  }
}

TEST(RoundTripTest, RefusesNamesOfSeveralLines) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel("mlp"));
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network,
                               RandomNetwork(text.model));
  TargetsToCheckpoint({.names = {"a\nb"}}, network.checkpoint);
  EXPECT_THAT(ExportOnnx(network),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("has a line end in it")));
}

TEST(RoundTripTest, RefusesEvenWindowsOfChannels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ModelText text,
      ParseModelText(R"(input { name: "x" shape: [2, 2, 8] }
                        layer { name: "y" lrn { size: 4 } })",
                     "test"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork network,
                               RandomNetwork(text.model));
  EXPECT_THAT(ExportOnnx(network),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "layer \"y\": Lrn has the size 4; expected an odd one: "
                       "runtimes refuse others"));
}

// Columns of a file may have any bytes.
TEST(RoundTripTest, NamesOfColumns) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(
                                   R"(input { name: "x" shape: [3] }
                        layer {
                          name: "y"
                          linear { output_features: 2 }
                        })",
                                   "test"));
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network,
                               RandomNetwork(text.model));
  const std::vector<std::string> names = {"B\u00f6hm's", "two\nlines\\",
                                          "\xe9"};
  TrainedInputsToCheckpoint({.type = ElementType::kFloat32, .names = names},
                            network.checkpoint);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportOnnx(network));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported, Imported(bytes));
  EXPECT_EQ(TrainedInputsFromCheckpoint(imported.checkpoint).names, names);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again, ExportOnnx(imported));
  EXPECT_TRUE(bytes == again);
}

class ZooRoundTripTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ZooRoundTripTest, GivesTheSameBytesAndScores) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel(GetParam()));
  LENSLET_ASSERT_OK_AND_ASSIGN(TrainedNetwork network,
                               RandomNetwork(text.model));
  const Shape& output =
      network.graph.ShapeOfValue(network.graph.output_value());
  std::vector<std::string> names;
  for (int64_t i = 0; i < output.dim(output.rank() - 1); ++i) {
    names.push_back(absl::StrCat("class ", i));
  }
  TargetsToCheckpoint({.names = names}, network.checkpoint);
  for (const int opset : {7, 13, 21}) {
    const OnnxExportOptions options = {.opset = opset};
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                                 ExportOnnx(network, options));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported,
                                 Imported(bytes));
    EXPECT_EQ(Outputs(network), Outputs(imported)) << opset;
    EXPECT_EQ(TargetsFromCheckpoint(imported.checkpoint).names, names);
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                                 ExportOnnx(imported, options));
    EXPECT_TRUE(bytes == again) << opset;
  }
}

// Layers that the zoo does not have.
TEST(LayerRoundTripTest, GivesTheSameBytesAndScores) {
  for (const std::string layer : {
           R"(layer { name: "y" clip {} })",
           R"(layer { name: "y" clip { min: -0.5 max: 0.25 } })",
           R"(layer { name: "y" hard_sigmoid {} })",
           R"(layer { name: "y" hard_sigmoid { slope: 0.2 offset: 0.4 } })",
           R"(layer { name: "y" hard_swish {} })",
           R"(layer { name: "y" max_pool2d {
                kernel: 2 dilation: 3 padding: 2 stride: 1 } })",
           R"(layer { name: "y" min_pool2d {
                kernel: 2 dilation: 3 padding: [2, 3] stride: 2 } })",
           R"(layer { name: "y" avg_pool2d { kernel: 2 dilation: 2 } })",
           R"(layer { name: "y" avg_pool2d {
                kernel: 2 dilation: 3 padding: 2 count_padding: false } })",
           R"(layer { name: "y" avg_pool2d {
                kernel: 3 padding: 1 stride: [2, 3] ceil: true } })",
           R"(layer { name: "y" avg_pool2d { kernel: 3 stride: 3
                padding_before: [1, 1] padding_after: [1, 0] ceil: true } })",
           R"(layer { name: "y" avg_pool2d {
                kernel: 3 padding: 1 stride: 2 ceil: true
                count_padding: false } })",
           R"(layer { name: "y" avg_pool2d { kernel: 3 dilation: [2, 1]
                stride: [3, 2] padding_before: [0, 1] padding_after: [2, 0]
                ceil: true } })",
           R"(layer { name: "y" avg_pool2d { kernel: 2 ceil: true } })",
           R"(layer { name: "y" mul {} input: ["x", "conv"] })",
           R"(layer { name: "y" resize {
                scale: 2 coordinates: ASYMMETRIC rounding: ROUND_FLOOR } })",
           R"(layer { name: "y" resize { scale: [1.5, 0.5] } })",
           R"(layer { name: "y" resize { mode: LINEAR output: [7, 3] } })",
           R"(layer { name: "y" resize { mode: LINEAR output: 4
                coordinates: ALIGN_CORNERS } })",
           R"(layer { name: "y" resize { scale: 1.3
                coordinates: ALIGN_CORNERS rounding: ROUND_PREFER_CEIL } })",
           R"(layer { name: "y" lrn { alpha: 0.5 } })",
           R"(layer { name: "y" layer_norm {} })",
           R"(layer { name: "y" layer_norm { axis: 1 epsilon: 0.001 } })",
           R"(layer { name: "y" layer_norm { axis: 0 } })",
           R"(layer { name: "one" conv2d { kernel: 1 output_channels: 1 } }
              layer { name: "y" layer_norm {} })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "v" linear { output_features: 4 } }
              layer { name: "image" reshape { shape: [1, 1, 4] } }
              layer { name: "norm" layer_norm {} }
              layer { name: "y" conv2d { kernel: 1 output_channels: 2 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "v" linear { output_features: 4 } }
              layer { name: "image" reshape { shape: [1, 4] } }
              layer { name: "norm" layer_norm {} }
              layer { name: "relu" relu {} }
              layer { name: "y" conv1d { kernel: 1 output_channels: 2 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "v" linear { output_features: 4 } }
              layer { name: "image" reshape { shape: [2, 2] } }
              layer { name: "norm" layer_norm { axis: 0 } }
              layer { name: "relu" relu {} }
              layer { name: "u" flatten {} }
              layer { name: "y" add {} input: ["v", "u"] })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "v" linear { output_features: 4 } }
              layer { name: "image" reshape { shape: [2, 2, 1] } }
              layer { name: "norm" layer_norm {} }
              layer { name: "y" conv2d { kernel: 2 output_channels: 2 } })",
           R"(layer { name: "pool" global_avg_pool {} }
              layer { name: "flat" flatten {} }
              layer { name: "y" layer_norm {} })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "y" layer_norm {} }
              layer { name: "z" linear { output_features: 3 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "y" relu {} })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "relu" relu {} }
              layer { name: "image" reshape { shape: [10, 12] } }
              layer { name: "y" conv1d { kernel: 3 output_channels: 2 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "image" reshape { shape: [10, 12] } }
              layer { name: "flat_image" flatten {} }
              layer { name: "y" linear { output_features: 3 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "image" reshape { shape: [5, 6, 4] } }
              layer { name: "y" relu {} })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "image" reshape { shape: [5, 6, 4] } }
              layer { name: "flat_image" flatten {} }
              layer { name: "y" add {} input: ["flat", "flat_image"] }
              layer { name: "z" linear { output_features: 3 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "a" linear { output_features: 120 } }
              layer { name: "y" add {} input: ["a", "flat"] }
              layer { name: "z" linear { output_features: 3 } })",
           R"(layer { name: "flat" flatten {} }
              layer { name: "wide" resize { output: [3, 10] } input: "x" }
              layer { name: "flat_wide" flatten {} }
              layer { name: "y" mul {} input: ["flat", "flat_wide"] }
              layer { name: "z" linear { output_features: 3 } })",
           R"(layer { name: "pool" global_avg_pool {} input: "x" }
              layer { name: "y" mul {} input: ["conv", "pool"] })",
           R"(layer { name: "pool" global_avg_pool {} }
              layer { name: "y" add {} input: ["pool", "conv", "x"] })",
       }) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                                 ParseModelText(
                                     R"(input { name: "x" shape: [5, 6, 4] }
                          layer {
                            name: "conv"
                            conv2d {
                              kernel: 3 padding: 1 output_channels: 4
                            }
                          } )" + layer,
                                     "test"));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork network,
                                 RandomNetwork(text.model));
    for (const int opset : {7, 10, 13, 14, 17, 21}) {
      SCOPED_TRACE(absl::StrCat(layer, ", opset ", opset));
      const OnnxExportOptions options = {.opset = opset};
      const absl::StatusOr<std::string> exported = ExportOnnx(network, options);
      if (absl::IsUnimplemented(exported.status())) {
        EXPECT_LT(opset, 11);
        continue;
      }
      LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, exported);
      LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported,
                                   Imported(bytes));
      // A sum of three may become two sums.
      EXPECT_THAT(
          Outputs(imported),
          testing::Pointwise(testing::FloatNear(1e-5f), Outputs(network)));
      LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                                   ExportOnnx(imported, options));
      EXPECT_TRUE(bytes == again);
    }
  }
}

// The transpositions before these layers are not those of a model that has its
// channels last.
TEST(LayerRoundTripTest, GivesTheSameBytesForLayersOfTheInput) {
  for (const std::string layer : {
           R"(layer { name: "image" reshape { shape: [5, 3, 1] } }
              layer { name: "y" conv2d { kernel: 3 output_channels: 2 } })",
           R"(layer { name: "norm" layer_norm {} }
              layer { name: "y" conv1d { kernel: 3 output_channels: 2 } })",
           R"(layer { name: "y" flatten {} })",
       }) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const ModelText text,
        ParseModelText(R"(input { name: "x" shape: [5, 3] } )" + layer,
                       "test"));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork network,
                                 RandomNetwork(text.model));
    const OnnxExportOptions options = {.opset = 17};
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                                 ExportOnnx(network, options));
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported,
                                 Imported(bytes));
    EXPECT_EQ(imported.graph.inputs()[0].shape, network.graph.inputs()[0].shape)
        << layer;
    EXPECT_EQ(Outputs(imported), Outputs(network)) << layer;
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again,
                                 ExportOnnx(imported, options));
    EXPECT_TRUE(bytes == again) << layer;
  }
}

// That the export of what is imported comes back with the same outputs and
// bytes.
void ExpectRoundTrip(const std::string& model) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork network, Imported(model));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportOnnx(network));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork imported, Imported(bytes));
  EXPECT_EQ(Outputs(imported), Outputs(network));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string again, ExportOnnx(imported));
  EXPECT_TRUE(bytes == again);
}

// What others write, with the numbers of a flattened image in ONNX's order.
TEST(LayerRoundTripTest, GivesTheSameBytesForFactorsAndTerms) {
  const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
  ModelWriter writer;
  writer.Input("x", {0, 2, 1, 3})
      .Floats("a", {6}, numbers)
      .Floats("w", {6, 1}, numbers)
      .Node("Relu", {"x"}, "r")
      .Node("Flatten", {"r"}, "flat")
      .Node("Mul", {"flat", "a"}, "scaled")
      .Node("Add", {"scaled", "a"}, "sum")
      .Node("Relu", {"sum"}, "positive")
      .Node("MatMul", {"positive", "w"}, "y")
      .Output("y");
  ExpectRoundTrip(writer.Bytes());
}

// The numbers of one channel become channels.
TEST(LayerRoundTripTest, GivesTheSameBytesForFactorsOfOneChannel) {
  ModelWriter writer;
  writer.Input("x", {0, 1, 3})
      .Floats("a", {3}, {1, 2, 3})
      .Node("MaxPool", {"x"}, "pool")
      .With("kernel_shape", std::vector<int64_t>{1})
      .Node("Flatten", {"pool"}, "flat")
      .Node("Mul", {"flat", "a"}, "y")
      .Output("y");
  ExpectRoundTrip(writer.Bytes());
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooRoundTripTest,
                         testing::ValuesIn(ZooModelNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace lenslet
