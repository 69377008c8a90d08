#include "lenslet/network.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/layers/layers.h"
#include "lenslet/short_layers.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

absl::StatusOr<Network> LeNet() {
  return Network::Sequential(
      {28, 28, 1}, {Conv2d(6, 5, {.padding = 2}), Sigmoid(), AvgPool2d(2),
                    Conv2d(16, 5), Sigmoid(), AvgPool2d(2), Flatten(),
                    Linear(120), Sigmoid(), Linear(84), Sigmoid(), Linear(10)});
}

absl::StatusOr<Network> Small() {
  return Network::Sequential(
      {4, 4, 1}, {Conv2d(3, 3), Relu(), BatchNorm(), Flatten(), Linear(2)});
}

std::vector<float> Values(const Network& network) {
  const absl::Span<const float> array = network.parameters().array();
  return {array.begin(), array.end()};
}

std::vector<std::string> LayerNames(const Network& network) {
  std::vector<std::string> names;
  for (const Graph::Node& node : network.graph().nodes()) {
    names.push_back(node.name);
  }
  return names;
}

// The outputs for two images, whose bytes are 0, 8, 16, ....
std::vector<float> OutputsOf(const Network& network) {
  std::vector<uint8_t> images(2 * network.graph().inputs()[0].shape.elements());
  for (size_t i = 0; i < images.size(); ++i) {
    images[i] = static_cast<uint8_t>(8 * i);
  }
  std::vector<float> outputs(2 * network.class_names().size());
  EXPECT_THAT(network.Predict(images, absl::MakeSpan(outputs)), IsOk());
  return outputs;
}

TEST(NetworkTest, LayersInCodeAreTheModelInAFile) {
  const absl::StatusOr<Network> code = LeNet();
  ASSERT_THAT(code, IsOk());
  const absl::StatusOr<Network> zoo = Network::FromModel("lenet");
  ASSERT_THAT(zoo, IsOk());
  EXPECT_EQ(zoo->name(), "LeNet");
  EXPECT_THAT(Values(*code), ElementsAreArray(Values(*zoo)));
  EXPECT_THAT(OutputsOf(*code), ElementsAreArray(OutputsOf(*zoo)));
  EXPECT_THAT(LayerNames(*code),
              ElementsAre("conv2d_1", "sigmoid_1", "avg_pool2d_1", "conv2d_2",
                          "sigmoid_2", "avg_pool2d_2", "flatten_1", "linear_1",
                          "sigmoid_3", "linear_2", "sigmoid_4", "linear_3"));
}

TEST(NetworkTest, BuildsBranches) {
  NetworkBuilder builder;
  const auto image = builder.Input({5, 5, 2}, "image");
  const auto left = builder.Add(Conv2d(3, 3, {.padding = 1}), image);
  const auto right = builder.Add(Conv2d(4, {1, 5}, {.padding = {0, 2}}), image);
  const auto both = builder.Add(Concat(), {left, right}, "both");
  builder.Add(Linear(2), builder.Add(Flatten(), both), "scores");
  const absl::StatusOr<Network> network = builder.Build("branches");
  ASSERT_THAT(network, IsOk());
  EXPECT_EQ(network->name(), "branches");
  EXPECT_THAT(LayerNames(*network), ElementsAre("conv2d_1", "conv2d_2", "both",
                                                "flatten_1", "scores"));
  EXPECT_EQ(network->graph().nodes()[2].output, Shape({5, 5, 7}));
  EXPECT_THAT(network->class_names(), ElementsAre("0", "1"));
}

TEST(NetworkTest, SaysWhichLayerIsWrong) {
  EXPECT_THAT(Network::Sequential({4, 4, 1}, {Conv2d(3, 5)}),
              StatusIs(kInvalid, StartsWith("layer \"conv2d_1\": ")));
  EXPECT_THAT(Network::Sequential({4, 4, 1}, {Conv2d(3, {3, 3, 3})}),
              StatusIs(kInvalid, StartsWith("layer \"conv2d_1\": ")));
  EXPECT_THAT(Network::Sequential({4, 4, 1}, {Linear(0)}),
              StatusIs(kInvalid,
                       HasSubstr("layer \"linear_1\": output_features is 0")));
  EXPECT_THAT(Network::Sequential({4, 4, 1}, {}),
              StatusIs(kInvalid, HasSubstr("layer")));

  NetworkBuilder builder;
  const auto x = builder.Input({4}, "x");
  builder.Add(Relu(), x, "x");
  EXPECT_THAT(builder.Build(), StatusIs(kInvalid, HasSubstr("duplicate")));
}

TEST(NetworkTest, SavesAndLoadsEverything) {
  absl::StatusOr<Network> network = Small();
  ASSERT_THAT(network, IsOk());
  ASSERT_THAT(network->SetName("small"), IsOk());
  network->Initialize({.kind = InitializerKind::kNormal, .scale = 0.5},
                      /*seed=*/3);
  ASSERT_THAT(network->SetClassNames({"cat", "dog"}), IsOk());
  ASSERT_THAT(network->SetNormalization({.mean = {0.25f}, .deviation = {0.5f}}),
              IsOk());
  const std::string path = EmptyTempFolder("network") + "/small.ckpt";
  ASSERT_THAT(network->Save(path), IsOk());

  const absl::StatusOr<Network> loaded = Network::Load(path);
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->name(), "small");
  EXPECT_THAT(loaded->class_names(), ElementsAre("cat", "dog"));
  EXPECT_THAT(loaded->normalization().mean, ElementsAre(0.25f));
  EXPECT_THAT(loaded->normalization().deviation, ElementsAre(0.5f));
  EXPECT_THAT(Values(*loaded), ElementsAreArray(Values(*network)));
  EXPECT_THAT(OutputsOf(*loaded), ElementsAreArray(OutputsOf(*network)));

  const absl::StatusOr<std::string> bytes = loaded->ToBytes();
  ASSERT_THAT(bytes, IsOk());
  const absl::StatusOr<Network> from_bytes = Network::FromBytes(*bytes);
  ASSERT_THAT(from_bytes, IsOk());
  EXPECT_THAT(OutputsOf(*from_bytes), ElementsAreArray(OutputsOf(*network)));
}

TEST(NetworkTest, RejectsWhatIsNoCheckpoint) {
  EXPECT_THAT(Network::FromBytes("abc"),
              StatusIs(kInvalid,
                       "the byte string is not a checkpoint: it does not "
                       "start with LENSLET1"));
  const absl::StatusOr<Network> network = Small();
  ASSERT_THAT(network, IsOk());
  std::string bytes = *network->ToBytes();
  bytes.back() = static_cast<char>(bytes.back() + 1);
  EXPECT_THAT(Network::FromBytes(bytes),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the byte string is damaged")));
  EXPECT_THAT(
      Network::Load("/nowhere/a.ckpt"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/a.ckpt")));
  const std::string folder = EmptyTempFolder("no_run");
  EXPECT_THAT(Network::Load(folder),
              StatusIs(absl::StatusCode::kNotFound,
                       folder + " is a folder without latest.ckpt; expected a "
                                "checkpoint or a run's folder"));
}

TEST(NetworkTest, RejectsWhatACheckpointCannotHave) {
  absl::StatusOr<Network> network = Small();
  ASSERT_THAT(network, IsOk());
  EXPECT_THAT(network->SetClassNames({"a"}),
              StatusIs(kInvalid,
                       "the model's output, layer \"linear_1\", has shape [2]; "
                       "expected [1], a score for each class"));
  EXPECT_THAT(network->SetClassNames({"a", "b\xff"}),
              StatusIs(kInvalid, HasSubstr("is not UTF-8")));
  EXPECT_THAT(network->SetNormalization({.mean = {0}, .deviation = {0}}),
              StatusIs(kInvalid, HasSubstr("deviation")));
  EXPECT_THAT(network->SetName(std::string(129, 'x')),
              StatusIs(kInvalid, HasSubstr("the model's name has 129 bytes")));
  EXPECT_THAT(network->SetName("a\x1b"), StatusIs(kInvalid, HasSubstr("name")));
  EXPECT_EQ(network->name(), "");
  EXPECT_THAT(network->class_names(), ElementsAre("0", "1"));

  // A map of scores is no vector of them.
  absl::StatusOr<Network> map =
      Network::Sequential({4, 4, 1}, {GlobalAvgPool(), Linear(2)});
  ASSERT_THAT(map, IsOk());
  EXPECT_THAT(map->class_names(), ElementsAre());
  EXPECT_THAT(
      map->SetClassNames({"a", "b"}),
      StatusIs(kInvalid, HasSubstr("has shape [1, 1, 2]; expected [2], a score "
                                   "for each class; linear layer \"linear_1\" "
                                   "transforms each position separately")));
  // Nor does it classify.
  EXPECT_THAT(map->Classify(Tensor({4, 4, 1}, ElementType::kUint8), 1),
              StatusIs(kInvalid,
                       HasSubstr("has shape [1, 1, 2]; expected one dimension, "
                                 "a score for each class; linear layer")));
}

// As PyTorch has it.
TEST(NetworkTest, NoticesChannelsThatComeFirst) {
  EXPECT_THAT(
      Network::Sequential({3, 32, 32}, {Conv2d(8, 5), Flatten(), Linear(10)}),
      StatusIs(kInvalid, HasSubstr("; shapes are [height, width, channels], "
                                   "but an input is [3, 32, 32]")));
}

TEST(NetworkTest, MakesNoNamesForAHugeOutput) {
  const absl::StatusOr<Network> network =
      Network::Sequential({int64_t{1} << 30}, {Relu()});
  ASSERT_THAT(network, IsOk());
  EXPECT_THAT(network->class_names(), ElementsAre());
}

TEST(NetworkTest, NamesDoNotCollide) {
  NetworkBuilder builder;
  const auto x = builder.Input({4}, "x");
  const auto named = builder.Add(Relu(), x, "relu_1");
  builder.Add(Relu(), builder.Add(Relu(), named));
  const absl::StatusOr<Network> network = builder.Build();
  ASSERT_THAT(network, IsOk());
  EXPECT_THAT(LayerNames(*network), ElementsAre("relu_1", "relu_2", "relu_3"));
}

TEST(NetworkTest, RejectsAValueOfAnotherBuilder) {
  NetworkBuilder one;
  const auto x = one.Input({4});
  NetworkBuilder other;
  other.Input({4});
  other.Add(Relu(), x);
  EXPECT_THAT(other.Build(),
              StatusIs(kInvalid,
                       "layer \"relu_1\": reads a value of another "
                       "NetworkBuilder"));
}

TEST(NetworkTest, PredictsFromBytesAndFromFloats) {
  const absl::StatusOr<Network> network = Small();
  ASSERT_THAT(network, IsOk());
  const std::vector<uint8_t> bytes = {0,   17,  34,  51,  68,  85,  102, 119,
                                      136, 153, 170, 187, 204, 221, 238, 255};
  std::vector<float> floats;
  for (const uint8_t byte : bytes) floats.push_back(byte / 255.0f);
  std::vector<float> of_bytes(2);
  std::vector<float> of_floats(2);
  ASSERT_THAT(network->Predict(bytes, absl::MakeSpan(of_bytes)), IsOk());
  ASSERT_THAT(network->Predict(floats, absl::MakeSpan(of_floats)), IsOk());
  EXPECT_THAT(of_floats, ElementsAreArray(of_bytes));

  // The class with the larger output is the more probable one.
  const Tensor image = [&] {
    Tensor tensor({4, 4, 1}, ElementType::kUint8);
    std::copy(bytes.begin(), bytes.end(), tensor.data<uint8_t>());
    return tensor;
  }();
  const absl::StatusOr<std::vector<ClassScore>> classes =
      network->Classify(image, 1);
  ASSERT_THAT(classes, IsOk());
  ASSERT_EQ(classes->size(), 1u);
  EXPECT_EQ((*classes)[0].class_name, of_bytes[0] >= of_bytes[1] ? "0" : "1");
  EXPECT_THAT(network->Classify(image, -1),
              StatusIs(kInvalid, "count is -1; expected at least 0"));

  EXPECT_THAT(
      network->Predict(absl::MakeSpan(bytes).first(15),
                       absl::MakeSpan(of_bytes)),
      StatusIs(kInvalid,
               "the images have 15 elements and the outputs 2; expected "
               "16 for each image of shape [4, 4, 1] and 2 for its "
               "outputs"));
}

// Floats as the data has them, as bytes are.
TEST(NetworkTest, PredictNormalizesFloats) {
  absl::StatusOr<Network> network = Small();
  ASSERT_THAT(network, IsOk());
  std::vector<uint8_t> bytes;
  std::vector<float> raw, normalized;
  for (int i = 0; i < 16; ++i) {
    bytes.push_back(static_cast<uint8_t>(17 * i));
    raw.push_back(static_cast<float>(17 * i) / 255.0f);
    normalized.push_back((raw.back() - 0.25f) / 0.5f);
  }
  const auto outputs_of = [&](const auto& examples) {
    std::vector<float> outputs(2);
    EXPECT_THAT(network->Predict(examples, absl::MakeSpan(outputs)), IsOk());
    return outputs;
  };
  const std::vector<float> expected = outputs_of(normalized);
  ASSERT_THAT(network->SetNormalization({.mean = {0.25f}, .deviation = {0.5f}}),
              IsOk());
  const std::vector<float> of_bytes = outputs_of(bytes);
  EXPECT_THAT(outputs_of(raw), ElementsAreArray(of_bytes));
  // Two roundings of each input, of at most 2, and weights below 1.
  for (int i = 0; i < 2; ++i) EXPECT_NEAR(of_bytes[i], expected[i], 1e-5);
  EXPECT_NE(outputs_of(normalized), of_bytes);
}

TEST(NetworkTest, PredictorsShareWeightsAndKeepThem) {
  absl::StatusOr<Network> network = Small();
  ASSERT_THAT(network, IsOk());
  const std::vector<float> before = OutputsOf(*network);
  const absl::StatusOr<std::unique_ptr<Predictor>> one =
      network->MakePredictor();
  ASSERT_THAT(one, IsOk());
  const absl::StatusOr<std::unique_ptr<Predictor>> other =
      (*one)->Share({.images = 2});
  ASSERT_THAT(other, IsOk());
  network->Initialize({}, /*seed=*/5);

  std::vector<uint8_t> images(32);
  for (size_t i = 0; i < images.size(); ++i) images[i] = 8 * i;
  for (Predictor* predictor : {one->get(), other->get()}) {
    std::vector<float> outputs(4);
    ASSERT_THAT(predictor->Predict(images, absl::MakeSpan(outputs)), IsOk());
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(outputs[i], before[i], 1e-5);
  }
  EXPECT_NE(OutputsOf(*network), before);
}

}  // namespace
}  // namespace lenslet
