#include "lenslet/train/first_non_finite.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/ops/backend.h"
#include "lenslet/train/testing/float_limits.h"

namespace lenslet {
namespace {

// Two pixels, one number of them, and two scores: parameters 0 to 3 are the
// weight and the bias of "sum" and of "scores".
Graph SumNet() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "sum"
      linear { output_features: 1 }
    }
    layer {
      name: "relu"
      relu {}
    }
    layer {
      name: "scores"
      linear { output_features: 2 }
    }
  )pb");
}

// In both layouts.
class FirstNonFiniteTest : public ::testing::TestWithParam<Backend> {
 protected:
  FirstNonFiniteTest() {
    for (int i : {0, 2}) {
      parameters_.view(i)[0] = 1;
      parameters_.view(i)[1] = 1;
    }
  }

  // After a forward pass of images of two pixels, whose losses are 0 if there
  // are none.
  std::string Find(const std::vector<std::vector<float>>& images,
                   int64_t first_image = 0, std::vector<float> losses = {}) {
    const Layout layout =
        GetParam() == Backend::kLanes ? Layout::kLanes : Layout::kImages;
    const int64_t count = static_cast<int64_t>(images.size());
    auto executor = *Executor::Create(graph_, parameters_,
                                      {.backend = GetParam(),
                                       .images = 20,
                                       .layout = layout,
                                       .training = true,
                                       .keep_outputs = true});
    std::vector<float> pixels;
    for (const std::vector<float>& image : images) {
      pixels.insert(pixels.end(), image.begin(), image.end());
    }
    float* input = executor->input().data();
    if (layout == Layout::kLanes) {
      ImagesToLanes(count, 2, pixels.data(), input);
    } else {
      std::copy(pixels.begin(), pixels.end(), input);
    }
    executor->Forward(count);
    losses.resize(count);
    return *FirstNonFinite(
        graph_, parameters_,
        {.first_image = first_image, .layout = layout, .losses = losses},
        *executor);
  }

  const Graph graph_ = SumNet();
  Parameters parameters_ = *Parameters::Create(graph_);
};

INSTANTIATE_TEST_SUITE_P(Backends, FirstNonFiniteTest,
                         ::testing::Values(Backend::kReference,
                                           Backend::kLanes),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

TEST_P(FirstNonFiniteTest, Inputs) {
  EXPECT_EQ(Find({{0, 0}, {0, kNan}}),
            "the input \"image\" is nan for image 1 of the batch");
  EXPECT_EQ(Find({{-kInfinity, 0}}, 32),
            "the input \"image\" is -inf for image 32 of the batch");
}

// The second lane group's images as well.
TEST_P(FirstNonFiniteTest, Layers) {
  std::vector<std::vector<float>> images(18, {1, 2});
  images[17] = {kLarge, kLarge};
  EXPECT_EQ(Find(images, 40),
            "layer \"sum\" gives inf for image 57 of the batch");
}

// Image 0's scores are infinite, but image 1's sum comes before them.
TEST_P(FirstNonFiniteTest, EarlierLayersComeFirst) {
  parameters_.view(2)[1] = 2;
  EXPECT_EQ(Find({{kLarge, 0}}),
            "layer \"scores\" gives inf for image 0 of the batch");
  EXPECT_EQ(Find({{kLarge, 0}, {kLarge, kLarge}}),
            "layer \"sum\" gives inf for image 1 of the batch");
}

TEST_P(FirstNonFiniteTest, Parameters) {
  parameters_.view(1)[0] = kNan;
  EXPECT_EQ(Find({{1, 2}}), "parameter \"sum.bias\" is nan");
  parameters_.view(0)[1] = -kInfinity;
  EXPECT_EQ(Find({{1, 2}}), "parameter \"sum.weight\" is -inf");
}

// The sum is infinite before the scores' weight comes in.
TEST_P(FirstNonFiniteTest, ParametersOfLaterLayersComeLater) {
  parameters_.view(2)[0] = kInfinity;
  EXPECT_EQ(Find({{kLarge, kLarge}}),
            "layer \"sum\" gives inf for image 0 of the batch");
}

TEST_P(FirstNonFiniteTest, TheLossItself) {
  EXPECT_EQ(Find({{1, 2}, {3, 4}}, 6, {0.5f, kInfinity}),
            "the loss of image 7 of the batch is inf, although its scores are "
            "finite");
}

TEST_P(FirstNonFiniteTest, Nothing) {
  EXPECT_EQ(Find({{1, 2}}), "no number is infinite or nan");
}

}  // namespace
}  // namespace lenslet
