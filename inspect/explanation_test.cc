#include "lenslet/inspect/explanation.h"

#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// A bright pixel speaks for class 1, at its place and no other: the map of the
// convolution is the image.
TEST(ExplainerTest, ShowsThePlaceOfABrightPixel) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [4, 4, 1] }"
      "layer { name: 'conv' conv2d { kernel: 1 output_channels: 1 } }"
      "layer { name: 'pool' global_avg_pool {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  ASSERT_TRUE(CanExplain(graph));
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 1;
  parameters.view(2)[1] = 16;
  Tensor image({4, 4, 1}, ElementType::kUint8);
  image.data<uint8_t>()[9] = 255;
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto explainer,
                               Explainer::Create(graph, parameters));
  EXPECT_EQ(explainer->layer(), "conv");
  EXPECT_EQ(explainer->side(), 1);
  EXPECT_GT(explainer->Probabilities(image)[1], 0.7);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Explanation explanation,
                               explainer->Explain(image, 1));
  for (int i = 0; i < 16; ++i) {
    // The score is 16 times the mean: each position has a gradient of 1.
    EXPECT_FLOAT_EQ(explanation.grad_cam.data()[i], i == 9 ? 1.0f : 0.0f);
    const uint8_t* cam = explanation.grad_cam_picture.data<uint8_t>() + 3 * i;
    EXPECT_EQ(cam[0] > 0, i == 9);
    // A gray square where it is black speaks for class 1 as well.
    const float drop = explanation.occlusion.data()[i];
    EXPECT_EQ(drop > 0, i == 9);
    const uint8_t* hidden =
        explanation.occlusion_picture.data<uint8_t>() + 3 * i;
    EXPECT_EQ(hidden[0] > hidden[2], i == 9);
  }
}

TEST(CanExplainTest, NeedsImagesAndScores) {
  EXPECT_FALSE(CanExplain(
      GraphOf("input { name: 'image' shape: [4, 4, 2] }"
              "layer { name: 'conv' conv2d { kernel: 1 output_channels: 1 } }"
              "layer { name: 'flatten' flatten {} }")));
  EXPECT_FALSE(
      CanExplain(GraphOf("input { name: 'image' shape: [4, 4, 1] }"
                         "layer { name: 'flatten' flatten {} }")));
  EXPECT_FALSE(CanExplain(GraphOf(
      "input { name: 'image' shape: [4, 4, 1] }"
      "layer { name: 'conv' conv2d { kernel: 1 output_channels: 1 } }")));
}

}  // namespace
}  // namespace lenslet
