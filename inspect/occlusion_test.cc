#include "lenslet/inspect/occlusion.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

Graph ScoresOfPixels() {
  return GraphOf(
      "input { name: 'image' shape: [5, 7, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
}

Tensor RandomPicture() {
  Tensor image({5, 7, 1}, ElementType::kUint8);
  Random random(/*seed=*/1);
  for (uint8_t& byte : image.span<uint8_t>()) {
    byte = static_cast<uint8_t>(random.Below(256));
  }
  return image;
}

// The probability of class 1.
double ProbabilityInDouble(const Parameters& parameters, const Tensor& image) {
  double scores[2];
  for (int k = 0; k < 2; ++k) {
    scores[k] = parameters.view(1)[k];
    for (int i = 0; i < 35; ++i) {
      const double x = (image.data<uint8_t>()[i] / 255.0 - 0.25) / 0.5;
      scores[k] += parameters.view(0)[k * 35 + i] * x;
    }
  }
  return 1 / (1 + std::exp(scores[0] - scores[1]));
}

TEST(OcclusionTest, AgreesWithTheDefinition) {
  const Graph graph = ScoresOfPixels();
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/6);
  for (int i = 0; i < 2; ++i) {
    for (float& x : parameters.view(i).span()) {
      x = static_cast<float>(2 * random.Uniform() - 1);
    }
  }
  const Tensor image = RandomPicture();
  const Normalization normalization = {.mean = {0.25f}, .deviation = {0.5f}};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto occlusion,
      Occlusion::Create(graph, parameters,
                        {.side = 3,
                         .stride = 2,
                         .gray = 200,
                         .normalization = normalization}));
  const double whole = ProbabilityInDouble(parameters, image);
  EXPECT_NEAR(occlusion->Probabilities(image)[1], whole, 1e-6);
  std::vector<double> sums(35), counts(35);
  // Squares of 3 every 2 pixels: from rows 0 and 2, and columns 0, 2 and 4.
  for (const int top : {0, 2}) {
    for (const int left : {0, 2, 4}) {
      Tensor hidden({5, 7, 1}, ElementType::kUint8);
      std::copy_n(image.data<uint8_t>(), 35, hidden.data<uint8_t>());
      for (int i = 0; i < 9; ++i) {
        hidden.data<uint8_t>()[(top + i / 3) * 7 + left + i % 3] = 200;
      }
      const double drop = whole - ProbabilityInDouble(parameters, hidden);
      for (int i = 0; i < 9; ++i) {
        const int pixel = (top + i / 3) * 7 + left + i % 3;
        sums[pixel] += drop;
        ++counts[pixel];
      }
    }
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor map, occlusion->Map(image, 1));
  ASSERT_EQ(map.shape(), Shape({5, 7}));
  for (int i = 0; i < 35; ++i) {
    // Probabilities of floats.
    EXPECT_NEAR(map.data()[i], sums[i] / counts[i], 1e-5);
  }
  // Of two classes, what one gains the other loses.
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor other, occlusion->Map(image, 0));
  for (int i = 0; i < 35; ++i) {
    EXPECT_NEAR(map.data()[i], -other.data()[i], 1e-6);
  }
}

// More squares than a block has images, some cut at the border.
TEST(OcclusionTest, FindsThePixelThatMatters) {
  const Graph graph = ScoresOfPixels();
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[35 + 2 * 7 + 4] = 10;
  Tensor image({5, 7, 1}, ElementType::kUint8);
  image.data<uint8_t>()[2 * 7 + 4] = 255;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto occlusion,
      Occlusion::Create(graph, parameters, {.side = 1, .gray = 0}));
  EXPECT_EQ(occlusion->options().stride, 1);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor map, occlusion->Map(image, 1));
  for (int i = 0; i < 35; ++i) {
    EXPECT_NEAR(map.data()[i],
                i == 2 * 7 + 4 ? 1 / (1 + std::exp(-10.0)) - 0.5 : 0, 1e-6);
  }
}

// A hidden pixel is the middle of the image's range, not of all numbers.
TEST(OcclusionTest, OfNumbersHidesByTheMiddleOfTheirRange) {
  const Graph graph = ScoresOfPixels();
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[35 + 2 * 7 + 4] = 1000;
  Tensor image(Shape({5, 7, 1}));
  image.data()[2 * 7 + 4] = 0.01f;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto occlusion, Occlusion::Create(graph, parameters, {.side = 1}));
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  EXPECT_NEAR(occlusion->Probabilities(image)[1], sigmoid(10), 1e-6);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor map, occlusion->Map(image, 1));
  for (int i = 0; i < 35; ++i) {
    EXPECT_NEAR(map.data()[i], i == 2 * 7 + 4 ? sigmoid(10) - sigmoid(5) : 0,
                1e-6);
  }
}

TEST(OcclusionTest, NamesWhatDoesNotFit) {
  const Graph graph = ScoresOfPixels();
  const Parameters parameters = *Parameters::Create(graph);
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Occlusion::Create(graph, parameters, {.side = -1}),
              StatusIs(code, "side is -1; expected at least 1"));
  EXPECT_THAT(Occlusion::Create(graph, parameters, {.side = 2, .stride = 3}),
              StatusIs(code, HasSubstr("stride is 3; expected a number in "
                                       "[1, 2]")));
  const Graph rows = GraphOf(
      "input { name: 'row' shape: [5] }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  const Parameters of_rows = *Parameters::Create(rows);
  EXPECT_THAT(Occlusion::Create(rows, of_rows),
              StatusIs(code, HasSubstr("the first of shape [5]")));
}

}  // namespace
}  // namespace lenslet
