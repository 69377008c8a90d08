#include "lenslet/inspect/layer_pictures.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor Zeros(const Shape& shape) { return Tensor(shape, ElementType::kUint8); }

std::vector<std::string> Names(const std::vector<LayerPicture>& pictures) {
  std::vector<std::string> names;
  for (const LayerPicture& picture : pictures) names.push_back(picture.name);
  return names;
}

std::vector<std::string> Shown(const std::vector<LayerPicture>& pictures) {
  std::vector<std::string> shown;
  for (const LayerPicture& picture : pictures) shown.push_back(picture.shows);
  return shown;
}

// An image of two pixels, and two filters of one tap: times 2, and times -3
// plus 1.
TEST(DrawLayersTest, DrawsFiltersAndActivations) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "a/b"
      conv2d { output_channels: 2 kernel: 1 }
    }
    layer {
      name: "relu"
      relu {}
    }
    layer {
      name: "flatten"
      flatten {}
    }
  )pb");
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 2;
  parameters.view(0)[1] = -3;
  parameters.view(1)[1] = 1;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, parameters, Tensor::Of<uint8_t>({1, 2, 1}, {0, 255})));
  EXPECT_THAT(Names(pictures),
              ElementsAre("00_image", "01_a_b_filters", "01_a_b_activations",
                          "02_relu_activations", "03_flatten_activations"));
  EXPECT_THAT(
      Shown(pictures),
      ElementsAre("1 image of 1 x 2 x 1", "2 filters of 1 x 1 x 1",
                  "2 channels of 1 x 2", "2 channels of 1 x 2", "4 numbers"));
  EXPECT_EQ(pictures[1].range.min, -3);
  EXPECT_EQ(pictures[1].range.max, 2);
  // Channel 0 is 0, 2; channel 1 is 1, -2.
  EXPECT_EQ(pictures[2].range.min, -2);
  EXPECT_EQ(pictures[2].range.max, 2);
  EXPECT_EQ(pictures[3].range.min, 0);
  // The first picture of each, scaled by its own range.
  EXPECT_THAT(pictures[0].first.span<uint8_t>(),
              ElementsAre(0, 0, 0, 255, 255, 255));
  EXPECT_THAT(pictures[2].first.span<uint8_t>(),
              ElementsAre(0, 0, 0, 255, 255, 255));
  // The filters as two squares side by side, less red and full blue: the middle
  // of each, by 2 / 3 of the way from white to red, 255 - 77 * 2 / 3 and so on.
  const Tensor& filters = pictures[1].sheet;
  const int64_t height = filters.shape().dim(0);
  const int64_t width = filters.shape().dim(1);
  const View<const uint8_t> pixels = filters.view<uint8_t>();
  const auto color = [&](int64_t x) {
    return std::vector<int>({pixels.at({height / 2, x, 0}),
                             pixels.at({height / 2, x, 1}),
                             pixels.at({height / 2, x, 2})});
  };
  EXPECT_THAT(color(width / 4), ElementsAre(204, 101, 114));
  EXPECT_THAT(color(width * 3 / 4), ElementsAre(0x21, 0x66, 0xac));
}

TEST(DrawLayersTest, NormalizesForTheNetworkOnly) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
  )pb");
  const Parameters parameters = *Parameters::Create(graph);
  const Tensor image = Tensor::Of<uint8_t>({1, 2, 1}, {0, 255});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, parameters, image,
                 {.normalization = {.mean = {0.5f}, .deviation = {0.25f}}}));
  ASSERT_EQ(pictures.size(), 2);
  EXPECT_EQ(pictures[0].range.min, 0);
  EXPECT_EQ(pictures[0].range.max, 1);
  EXPECT_EQ(pictures[1].range.min, -2);
  EXPECT_EQ(pictures[1].range.max, 2);
  EXPECT_THAT(DrawLayers(graph, parameters, image,
                         {.normalization = {.mean = {0, 0}, .deviation = {1}}})
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("normalization.mean has 2 numbers")));
}

// Its brightness is not stretched.
TEST(DrawLayersTest, APaleImageStaysPale) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
  )pb");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, *Parameters::Create(graph),
                 Tensor::Of<uint8_t>({1, 2, 1}, {200, 210}),
                 {.scale_each = true}));
  EXPECT_THAT(pictures[0].first.span<uint8_t>(),
              ElementsAre(200, 200, 200, 210, 210, 210));
  const Tensor& sheet = pictures[0].sheet;
  EXPECT_EQ(sheet.view<uint8_t>().at(
                {sheet.shape().dim(0) / 2, sheet.shape().dim(1) / 4, 0}),
            200);
}

// Channels 0, 1 and 0, 10; then numbers, which are never scaled each.
TEST(DrawLayersTest, AnImageOfNumbersIsShownFromBlackToWhite) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [1, 2, 1] } "
      "layer { name: 'conv' conv2d { output_channels: 1 kernel: 1 } }");
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 2;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, parameters, Tensor::Of({1, 2, 1}, {0.25f, 0.5f}),
                 {.normalization = {.mean = {0.25f}, .deviation = {0.5f}}}));
  EXPECT_EQ(pictures[0].range.max, 0.5f);
  EXPECT_THAT(pictures[0].first.span<uint8_t>(),
              ElementsAre(0, 0, 0, 255, 255, 255));
  // The network gets 0 and 0.5.
  EXPECT_EQ(pictures.back().range.min, 0);
  EXPECT_EQ(pictures.back().range.max, 1);
  const Graph row = GraphOf(
      "input { name: 'row' shape: [2] } "
      "layer { name: 'out' linear { output_features: 1 } }");
  EXPECT_THAT(
      DrawLayers(row, *Parameters::Create(row), Tensor::Of({2}, {0, 1})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "the image is float32 [2]; expected uint8 [2]; numbers are "
               "drawn only of shape [height, width, 1 or 3]"));
}

TEST(DrawLayersTest, ScalesEachIfAsked) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "conv"
      conv2d { output_channels: 2 kernel: 1 }
    }
    layer {
      name: "flatten"
      flatten {}
    }
  )pb");
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 1;
  parameters.view(0)[1] = 10;
  const Tensor image = Tensor::Of<uint8_t>({1, 2, 1}, {0, 255});
  // The red in the middle of a quarter of a sheet.
  const auto quarter = [](const Tensor& sheet, int64_t y, int64_t x) {
    const Shape& shape = sheet.shape();
    return sheet.view<uint8_t>().at(
        {shape.dim(0) * (1 + 2 * y) / 4, shape.dim(1) * (1 + 2 * x) / 4, 0});
  };
  for (const bool scale_each : {false, true}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const std::vector<LayerPicture> pictures,
        DrawLayers(graph, parameters, image, {.scale_each = scale_each}));
    ASSERT_EQ(pictures.size(), 4);
    // A row for each channel. A tenth of 255 is 26, rounded.
    EXPECT_EQ(quarter(pictures[2].sheet, 0, 1), scale_each ? 255 : 26);
    EXPECT_EQ(quarter(pictures[2].sheet, 1, 1), 255);
    // 0, 0 and below them 1, 10.
    EXPECT_EQ(quarter(pictures[3].sheet, 1, 0), 26);
    EXPECT_EQ(quarter(pictures[3].sheet, 1, 1), 255);
  }
}

TEST(DrawLayersTest, TakesOneAndThreeDimensions) {
  const Graph sound = GraphOf(R"pb(
    input {
      name: "sound"
      shape: [ 8, 2 ]
    }
    layer {
      name: "conv"
      conv1d { output_channels: 4 kernel: 3 }
    }
  )pb");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> sounds,
      DrawLayers(sound, *Parameters::Create(sound), Zeros({8, 2})));
  EXPECT_THAT(
      Shown(sounds),
      ElementsAre("1 image of 8 x 2", "4 filters of 3 x 2", "4 channels of 6"));
  EXPECT_EQ(sounds[1].first.shape(), Shape({2, 3, 3}));
  EXPECT_EQ(sounds[2].first.shape(), Shape({4, 6, 3}));
  const Graph clip = GraphOf(R"pb(
    input {
      name: "clip"
      shape: [ 4, 6, 6, 2 ]
    }
    layer {
      name: "conv"
      conv3d { output_channels: 4 kernel: 3 }
    }
  )pb");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> clips,
      DrawLayers(clip, *Parameters::Create(clip), Zeros({4, 6, 6, 2})));
  EXPECT_THAT(Shown(clips), ElementsAre("1 image of 4 x 6 x 6 x 2",
                                        "4 filters of 3 x 3 x 3 x 2",
                                        "4 channels of 2 x 4 x 4"));
  EXPECT_EQ(clips[1].first.shape(), Shape({3, 3, 3}));
}

// The filters that read the image are in colors, those of the second layer,
// which reads three channels too, are not: three times as many pictures.
TEST(DrawLayersTest, ShowsColors) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 1, 3 ]
    }
    layer {
      name: "a"
      conv2d { output_channels: 3 kernel: 1 }
    }
    layer {
      name: "b"
      conv2d { output_channels: 3 kernel: 1 }
    }
  )pb");
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 1;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, parameters,
                 Tensor::Of<uint8_t>({1, 1, 3}, {255, 0, 0})));
  EXPECT_THAT(pictures[0].first.span<uint8_t>(), ElementsAre(255, 0, 0));
  EXPECT_TRUE(pictures[0].is_rgb);
  EXPECT_TRUE(pictures[1].is_rgb);
  EXPECT_EQ(pictures[1].shows, "3 filters of 1 x 1 x 3 as red, green and blue");
  EXPECT_FALSE(pictures[3].is_rgb);
  EXPECT_EQ(pictures[3].shows, "3 filters of 1 x 1 x 3");
  // A row of three squares of 64 pixels, and three rows of three, with gaps of
  // a pixel.
  EXPECT_EQ(pictures[1].sheet.shape(), Shape({64 + 2, 3 * 64 + 4, 3}));
  EXPECT_EQ(pictures[3].sheet.shape(), Shape({3 * 64 + 4, 3 * 64 + 4, 3}));
}

// Two filters read three of six channels each, which are no colors.
TEST(DrawLayersTest, ShowsGroupsAsChannels) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 1, 6 ]
    }
    layer {
      name: "a"
      conv2d { output_channels: 2 kernel: 1 groups: 2 }
    }
  )pb");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, *Parameters::Create(graph), Zeros({1, 1, 6})));
  EXPECT_EQ(pictures[1].shows, "2 filters of 1 x 1 x 3");
  // Two rows of three squares of 64 pixels.
  EXPECT_EQ(pictures[1].sheet.shape(), Shape({2 * 64 + 3, 3 * 64 + 4, 3}));
}

// Three pairs of channels, each with a filter of 2 x 2.
TEST(DrawLayersTest, ShowsTheFiltersOfATableOfConnections) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 2, 2, 2 ]
    }
    layer {
      name: "a"
      conv2d {
        output_channels: 2
        kernel: 2
        connection { input: 0 }
        connection { input: [ 0, 1 ] }
      }
    }
  )pb");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, *Parameters::Create(graph), Zeros({2, 2, 2})));
  EXPECT_EQ(pictures[1].shows, "3 filters of 2 x 2");
  EXPECT_EQ(pictures[1].first.shape(), Shape({2, 2, 3}));
}

TEST(DrawLayersTest, CountsWhatIsNotFinite) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 1, 1 ]
    }
    layer {
      name: "conv"
      conv2d { output_channels: 4 kernel: 1 }
    }
  )pb");
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = std::numeric_limits<float>::quiet_NaN();
  parameters.view(0)[1] = std::numeric_limits<float>::infinity();
  parameters.view(0)[2] = 5;
  parameters.view(0)[3] = 6;
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<LayerPicture> pictures,
                               DrawLayers(graph, parameters, Zeros({1, 1, 1})));
  EXPECT_EQ(pictures[1].shows, "4 filters of 1 x 1 x 1, 2 are not finite");
  EXPECT_EQ(pictures[1].range.min, 5);
  EXPECT_EQ(pictures[1].range.max, 6);
}

// 5,000 channels of 30 x 30 and a gap do not fit into 2^22 pixels.
TEST(DrawLayersTest, ShowsAsManyAsFit) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 30, 30, 1 ]
    }
    layer {
      name: "conv"
      conv2d { output_channels: 5000 kernel: 1 }
    }
  )pb");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerPicture> pictures,
      DrawLayers(graph, *Parameters::Create(graph), Zeros({30, 30, 1})));
  EXPECT_EQ(pictures[1].shows, "5,000 filters of 1 x 1 x 1");
  EXPECT_EQ(pictures[2].shows,
            "5,000 channels of 30 x 30, 3,851 of 5,000 pictures");
}

TEST(DrawLayersTest, RefusesAnImageThatDoesNotFit) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 2, 2, 1 ]
    }
    layer {
      name: "relu"
      relu {}
    }
  )pb");
  const Parameters parameters = *Parameters::Create(graph);
  EXPECT_THAT(
      DrawLayers(graph, parameters, Zeros({2, 3, 1})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "the image is uint8 [2, 3, 1]; expected uint8 [2, 2, 1], or "
               "float32 of this shape"));
  EXPECT_THAT(DrawLayers(graph, parameters, Tensor({2, 3, 1})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the image is float32 [2, 3, 1]")));
}

TEST(DrawLayersTest, RefusesAPictureLargerThanASheet) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 1, 1 ]
    }
    layer {
      name: "pad"
      max_pool2d { kernel: 2 stride: 1 padding: 1 }
    }
    layer {
      name: "conv"
      conv2d { output_channels: 1 kernel: 1 padding: 2100 }
    }
  )pb");
  EXPECT_THAT(
      DrawLayers(graph, *Parameters::Create(graph), Zeros({1, 1, 1})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("02_conv_activations: a sheet of 1 pictures of 4202 x "
                         "4202 numbers has more than 16777216 pixels")));
}

}  // namespace
}  // namespace lenslet
