// Networks with a layer that the program defines.

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/layers/custom_layer.h"
#include "lenslet/network.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/short_layers.h"
#include "lenslet/train.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

// y = scale * x, with a scale for each channel.
class ScaleChannelsOperator : public CustomOperator {
 public:
  std::string Kind() const override { return "ScaleChannels"; }

  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override {
    const Shape& image = inputs[0];
    return LayerInfo{.output = image,
                     .parameters = {{.name = "scale",
                                     .role = ParameterRole::kScale,
                                     .shape = {image.dim(image.rank() - 1)}}},
                     .reach = Reach::kPosition};
  }

  void Forward(const ForwardBlock& block) const override {
    const View<const float> scale = block.parameters[0];
    for (int64_t i = 0; i < block.output.size(); ++i) {
      block.output[i] = scale[i % scale.size()] * block.inputs[0][i];
    }
  }

  void Backward(const BackwardBlock& block) const override {
    const View<const float> scale = block.parameters[0];
    const View<float> dx = block.input_gradients[0];
    for (int64_t i = 0; i < block.output.size(); ++i) {
      const int64_t channel = i % scale.size();
      const float dy = block.output_gradient[i];
      if (dx.data() != nullptr) dx[i] = scale[channel] * dy;
      block.parameter_gradients[0][channel] += block.inputs[0][i] * dy;
    }
  }
};

Layer ScaleChannels() {
  return Custom(std::make_shared<ScaleChannelsOperator>());
}

// As in a network without the layer, batch normalization is folded.
Network CustomNet(int64_t channels = 4) {
  return *Network::Sequential(
      {8, 8, 1}, {Conv2d(channels, 3), BatchNorm(), ScaleChannels(), Relu(),
                  MaxPool2d(2), Flatten(), Linear(3)});
}

Dataset CustomExamples() {
  return *MakeSyntheticDataset({8, 8, 1},
                               {.examples = 120, .classes = 3, .noise = 0.5});
}

std::vector<float> ArrayOf(const Network& network) {
  const absl::Span<const float> array = network.parameters().array();
  return {array.begin(), array.end()};
}

// The scores of all examples.
template <typename Scorer>
std::vector<float> ScoresOf(Scorer& scorer, const Dataset& data) {
  std::vector<float> scores(3 * data.size());
  const Tensor images = *data.Inputs();
  EXPECT_THAT(scorer.Predict(images.span<uint8_t>(), absl::MakeSpan(scores)),
              IsOk());
  return scores;
}

std::string CustomTestPath(const std::string& name) {
  return absl::StrCat(EmptyTempFolder(absl::StrCat("custom_", name)), "/", name,
                      ".ckpt");
}

TEST(CustomNetworkTest, AWrongKindIsNoWrongName) {
  class WrongKindOperator : public ScaleChannelsOperator {
    std::string Kind() const override { return "twice a"; }
  };
  EXPECT_THAT(
      Network::Sequential({4}, {Custom(std::make_shared<WrongKindOperator>())}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("kind of the custom layer is \"twice a\"; expected a "
                         "capital letter")));
}

TEST(CustomNetworkTest, TrainsEvaluatesAndPredicts) {
  Dataset data = CustomExamples();
  data.normalization = *ComputeNormalization(data);
  Network network = CustomNet();
  EXPECT_EQ(network.graph().nodes()[2].name, "scale_channels_1");
  EXPECT_EQ(network.graph().parameters()[6].name, "scale_channels_1.scale");
  EXPECT_THAT(network.parameters().view(6).span(), Each(1.0f));
  std::ostringstream out;
  const absl::StatusOr<Metrics> metrics =
      Train(network, data,
            {.epochs = 10,
             .batch_size = 20,
             .learning_rate = 0.1,
             .threads = 2,
             .on_epoch = PrintTo(out, data)});
  ASSERT_THAT(metrics, IsOk());
  EXPECT_GT(metrics->accuracy(), 0.9);
  EXPECT_THAT(out.str(), HasSubstr("test acc"));
  EXPECT_THAT(network.parameters().view(6).span(), Each(Not(1.0f)));

  const absl::StatusOr<ClassificationReport> report = Evaluate(network, data);
  ASSERT_THAT(report, IsOk());
  EXPECT_GT(report->accuracy, 0.9);
  const std::vector<int32_t> labels = *data.Classes();
  int64_t correct = 0;
  for (int64_t i = 0; i < data.size(); ++i) {
    const absl::StatusOr<std::vector<ClassScore>> best =
        network.Classify(*data.Example(i), 1);
    ASSERT_THAT(best, IsOk());
    if (best->front().class_index == labels[i]) ++correct;
  }
  EXPECT_EQ(correct, report->correct);
}

TEST(CustomNetworkTest, ThreadsDoNotChangeTheParameters) {
  const Dataset data = CustomExamples();
  std::vector<float> values;
  for (const int threads : {1, 2, 3}) {
    Network network = CustomNet();
    ASSERT_THAT(
        Train(network, data,
              {.epochs = 2, .batch_size = 50, .seed = 7, .threads = threads}),
        IsOk());
    if (values.empty()) values = ArrayOf(network);
    EXPECT_THAT(ArrayOf(network), ElementsAreArray(values));
  }
}

TEST(CustomNetworkTest, PredictorsOfSeveralThreadsShareTheOperator) {
  const Dataset data = CustomExamples();
  const Network network = CustomNet();
  std::vector<std::unique_ptr<Predictor>> predictors;
  predictors.push_back(*network.MakePredictor({.images = 16}));
  for (int i = 0; i < 2; ++i) {
    predictors.push_back(*predictors[0]->Share({.images = 16}));
  }
  EXPECT_THAT(predictors[0]->BackendNames(), HasSubstr(", custom"));
  const std::vector<float> expected = ScoresOf(*predictors[0], data);
  std::vector<std::vector<float>> scores(predictors.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < predictors.size(); ++i) {
    threads.emplace_back(
        [&, i] { scores[i] = ScoresOf(*predictors[i], data); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(scores, Each(ElementsAreArray(expected)));
}

TEST(CustomNetworkTest, HasNoModel) {
  const Network network = CustomNet();
  const auto code = absl::StatusCode::kUnimplemented;
  const std::string error =
      "layer \"scale_channels_1\": ScaleChannels is a custom layer, which a "
      "model file cannot describe; SaveParameters() saves the parameters of "
      "such a network";
  EXPECT_THAT(network.Model(), StatusIs(code, error));
  EXPECT_THAT(network.ToBytes(), StatusIs(code, error));
  const std::string path = CustomTestPath("none");
  EXPECT_THAT(network.Save(path), StatusIs(code, path + ": " + error));
  EXPECT_THAT(ReadFile(path),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
}

TEST(CustomNetworkTest, SavesAndLoadsParameters) {
  const Dataset data = CustomExamples();
  Network network = CustomNet();
  network.Initialize({.kind = InitializerKind::kNormal, .scale = 0.5},
                     /*seed=*/3);
  ASSERT_THAT(network.SetClassNames({"cat", "dog", "eel"}), IsOk());
  ASSERT_THAT(network.SetNormalization({.mean = {0.25f}, .deviation = {0.5f}}),
              IsOk());
  const std::string path = CustomTestPath("saved");
  ASSERT_THAT(network.SaveParameters(path), IsOk());

  Network loaded = CustomNet();
  EXPECT_NE(ScoresOf(loaded, data), ScoresOf(network, data));
  const float* const address = loaded.parameters().array().data();
  ASSERT_THAT(loaded.LoadParameters(path), IsOk());
  EXPECT_EQ(loaded.parameters().array().data(), address);
  EXPECT_THAT(ArrayOf(loaded), ElementsAreArray(ArrayOf(network)));
  EXPECT_THAT(loaded.class_names(), ElementsAre("cat", "dog", "eel"));
  EXPECT_THAT(loaded.normalization().mean, ElementsAre(0.25f));
  EXPECT_THAT(loaded.normalization().deviation, ElementsAre(0.5f));
  EXPECT_EQ(ScoresOf(loaded, data), ScoresOf(network, data));

  EXPECT_THAT(Network::Load(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path + ": the checkpoint has parameters without their "
                              "model; a network built in code reads it with "
                              "LoadParameters()"));
}

TEST(CustomNetworkTest, LoadsTheParametersOfAWholeCheckpoint) {
  const auto make = [] {
    return *Network::Sequential({2, 2, 1}, {Flatten(), Linear(2)});
  };
  Network network = make();
  network.Initialize({}, /*seed=*/8);
  const std::string path = CustomTestPath("whole");
  ASSERT_THAT(network.Save(path), IsOk());
  Network loaded = make();
  ASSERT_THAT(loaded.LoadParameters(path), IsOk());
  EXPECT_THAT(ArrayOf(loaded), ElementsAreArray(ArrayOf(network)));
}

TEST(CustomNetworkTest, RejectsParametersThatDoNotFit) {
  const Network network = CustomNet();
  const std::string path = CustomTestPath("misfit");
  ASSERT_THAT(network.SaveParameters(path), IsOk());
  const auto expect_error = [&](Network other, absl::StatusCode code,
                                const std::string& message) {
    const std::vector<float> before = ArrayOf(other);
    const std::vector<std::string> names = other.class_names();
    EXPECT_THAT(other.LoadParameters(path),
                StatusIs(code, absl::StrCat(path, ": ", message)));
    EXPECT_THAT(ArrayOf(other), ElementsAreArray(before));
    EXPECT_EQ(other.class_names(), names);
    EXPECT_TRUE(other.normalization().empty());
  };
  constexpr auto kMisfit = absl::StatusCode::kInvalidArgument;
  expect_error(CustomNet(/*channels=*/5), kMisfit,
               "parameter \"conv2d_1.weight\": shape [4, 3, 3, 1]; expected "
               "[5, 3, 3, 1]");
  expect_error(
      *Network::Sequential({8, 8, 1}, {ScaleChannels(), Flatten(), Linear(3)}),
      kMisfit, "the checkpoint has 9 parameters; expected 3, as the model has");
  NetworkBuilder builder;
  const auto x = builder.Input({8, 8, 1});
  auto y = builder.Add(Conv2d(4, 3), x, "conv");
  y = builder.Add(ScaleChannels(), builder.Add(BatchNorm(), y));
  builder.Add(Linear(3), builder.Add(Flatten(), y));
  expect_error(*builder.Build(), kMisfit,
               "parameter \"conv2d_1.weight\": the model has \"conv.weight\" "
               "in this place");

  CheckpointProto checkpoint = *LoadCheckpoint(path);
  checkpoint.add_class_name("one too many");
  ASSERT_THAT(SaveCheckpoint(path, checkpoint), IsOk());
  expect_error(
      CustomNet(), kMisfit,
      "the model's output, layer \"linear_1\", has shape [3]; expected "
      "[4], a score for each class");
  checkpoint.clear_class_name();
  for (const char* name : {"x", "y", "z"}) checkpoint.add_class_name(name);
  checkpoint.mutable_normalization()->add_mean(1);
  ASSERT_THAT(SaveCheckpoint(path, checkpoint), IsOk());
  expect_error(CustomNet(), kMisfit,
               "normalization.deviation has 0 numbers; expected 1 or 1, the "
               "channels of images of shape [8, 8, 1]");
  ASSERT_THAT(WriteFileAtomically(path, "LENSLET1, but not really"), IsOk());
  expect_error(CustomNet(), absl::StatusCode::kDataLoss,
               "is damaged: its 24 bytes do not match their checksum; it was "
               "cut short or changed");
  Network missing = CustomNet();
  EXPECT_THAT(
      missing.LoadParameters("/nowhere/a.ckpt"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/a.ckpt")));
}

TEST(CustomNetworkTest, KeepsTheRulesOfNames) {
  Network network = CustomNet();
  EXPECT_THAT(network.SetName("scaled"), IsOk());
  EXPECT_EQ(network.name(), "scaled");
  constexpr auto kBadName = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(network.SetName("a\x1b"), StatusIs(kBadName, HasSubstr("name")));
  EXPECT_EQ(network.name(), "scaled");
  NetworkBuilder builder;
  builder.Add(ScaleChannels(), builder.Input({2}));
  EXPECT_THAT(builder.Build("a\x1b"), StatusIs(kBadName, HasSubstr("name")));
}

}  // namespace
}  // namespace lenslet
