#include "lenslet/inspect/profile.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/testing/graph_of.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr int kPool = 0;
constexpr int kConv = 1;
constexpr int kSigmoid = 2;
constexpr int kFlatten = 3;
constexpr int kLinear = 4;

Graph SmallNet() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 8, 8, 1 ]
    }
    layer {
      name: "pool"
      avg_pool2d { kernel: 2 }
    }
    layer {
      name: "conv"
      conv2d { output_channels: 4 kernel: 3 }
    }
    layer {
      name: "sigmoid"
      sigmoid {}
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 300 }
    })pb");
}

// The parts of the time, which may not exceed the whole.
double SumOfParts(const Profile& profile) {
  double sum =
      profile.read_seconds + profile.loss_seconds + profile.prepare_seconds;
  for (const Profile::Layer& layer : profile.layers) {
    sum += layer.forward_seconds + layer.backward_seconds;
  }
  return sum;
}

TEST(ProfileTest, MeasuresEachLayerOfEveryBackend) {
  for (Backend backend : kTrainingBackends) {
    SCOPED_TRACE(std::string(Name(backend)));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Profile profile,
        MeasureProfile(
            SmallNet(),
            {.backend = backend, .block = 5, .batch_size = 12, .repeats = 2}));
    ASSERT_EQ(profile.layers.size(), 5);
    EXPECT_GT(profile.read_seconds, 0);
    EXPECT_GT(profile.loss_seconds, 0);
    EXPECT_GT(profile.layers[kPool].forward_seconds, 0);
    EXPECT_EQ(profile.layers[kPool].backward_seconds, 0);
    EXPECT_GT(profile.layers[kConv].forward_seconds, 0);
    EXPECT_GT(profile.layers[kConv].backward_seconds, 0);
    EXPECT_EQ(profile.layers[kConv].backend, backend);
    EXPECT_EQ(profile.layers[kSigmoid].fused, backend == Backend::kLanes);
    EXPECT_FALSE(profile.layers[kFlatten].fused);
    EXPECT_GT(profile.layers[kLinear].backward_seconds, 0);
    EXPECT_LE(SumOfParts(profile), profile.total_seconds);
  }
}

TEST(ProfileTest, CountsOperationsOfTheGradientsThatAreWanted) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Profile profile,
      MeasureProfile(SmallNet(), {.batch_size = 16, .repeats = 1}));
  // Two for each tap of 2 x 2 positions, one input and 4 output channels.
  EXPECT_EQ(profile.layers[kConv].forward_flops, 2 * 2 * 2 * 9 * 4);
  // Nothing before it has parameters.
  EXPECT_EQ(profile.layers[kConv].backward_flops, 2 * 2 * 2 * 9 * 4);
  EXPECT_EQ(profile.layers[kLinear].forward_flops, 2 * 16 * 300);
  EXPECT_EQ(profile.layers[kLinear].backward_flops, 2 * 2 * 16 * 300);
  EXPECT_EQ(profile.layers[kSigmoid].backward_flops, 0);
}

TEST(ProfileTest, InferenceHasNoBackward) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Profile profile,
      MeasureProfile(SmallNet(), {.backend = Backend::kXnnpack,
                                  .batch_size = 40,
                                  .repeats = 1,
                                  .training = false}));
  EXPECT_GT(profile.layers[kConv].forward_seconds, 0);
  EXPECT_EQ(profile.prepare_seconds, 0);
  for (const Profile::Layer& layer : profile.layers) {
    EXPECT_EQ(layer.backward_seconds, 0);
    EXPECT_EQ(layer.backward_flops, 0);
  }
}

// One that outputs images, for example.
TEST(ProfileTest, MeasuresNetworksThatDoNotClassify) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [8, 8, 1] }\n"
      "layer { name: 'conv' conv2d { output_channels: 4 kernel: 3 } }\n");
  for (const bool training : {true, false}) {
    const absl::StatusOr<Profile> profile =
        MeasureProfile(graph, {.repeats = 2, .training = training});
    ASSERT_TRUE(profile.ok()) << profile.status();
    EXPECT_GT(profile->layers[0].forward_seconds, 0);
  }
}

TEST(ProfileTest, SaysWhatIsWrong) {
  EXPECT_THAT(MeasureProfile(SmallNet(), {.block = 0}).status().message(),
              HasSubstr("block is 0"));
  EXPECT_THAT(MeasureProfile(SmallNet(), {.repeats = 0}).status().message(),
              HasSubstr("repeats is 0"));
}

}  // namespace
}  // namespace lenslet
