#include "lenslet/inspect/grad_cam.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Smooth, so that small steps tell the derivative. With a branch around the
// layer "conv", and batch normalizations and a dropout after it.
Graph SmoothNet() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 6, 5, 2 ]
    }
    layer {
      name: "skip"
      input: "image"
      conv2d { kernel: 1 output_channels: 3 }
    }
    layer {
      name: "conv"
      input: "image"
      conv2d { kernel: 3 padding: 1 output_channels: 3 }
    }
    layer {
      name: "act"
      input: "conv"
      tanh {}
    }
    layer {
      name: "sum"
      input: "act"
      input: "skip"
      add {}
    }
    layer {
      name: "norm"
      batch_norm {}
    }
    layer {
      name: "act2"
      tanh {}
    }
    layer {
      name: "drop"
      dropout { rate: 0.5 }
    }
    layer {
      name: "pool"
      global_avg_pool {}
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "hidden"
      linear { output_features: 4 }
    }
    layer {
      name: "norm2"
      batch_norm {}
    }
    layer {
      name: "act3"
      sigmoid {}
    }
    layer {
      name: "scores"
      linear { output_features: 3 }
    }
  )pb");
}

Parameters RandomParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/2);
  for (int i = 0; i < parameters.size(); ++i) {
    const bool is_variance =
        parameters.info(i).info.role == ParameterRole::kRunningVariance;
    for (float& x : parameters.view(i).span()) {
      x = static_cast<float>(is_variance ? 0.5 + random.Uniform()
                                         : 2 * random.Uniform() - 1);
    }
  }
  return parameters;
}

std::vector<float> RandomInput(int64_t size) {
  Random random(/*seed=*/4);
  std::vector<float> input(size);
  for (float& x : input) x = static_cast<float>(random.Uniform());
  return input;
}

std::vector<float> OutputOfLayer(const Graph& graph,
                                 const Parameters& parameters,
                                 const std::vector<float>& input,
                                 const std::string& layer) {
  const auto executor = *Executor::Create(
      graph, parameters,
      {.backend = Backend::kReference, .images = 1, .keep_outputs = true});
  std::copy(input.begin(), input.end(), executor->input().data());
  executor->Forward(1);
  const View<const float> output = *executor->LayerOutput(layer);
  return {output.data(), output.data() + output.size()};
}

// A bias of the layer moves all positions of a channel together, so that the
// change of the score is the sum of the gradients.
TEST(GradCamTest, AgreesWithNumericalGradients) {
  const Graph graph = SmoothNet();
  Parameters parameters = RandomParameters(graph);
  const std::vector<float> input = RandomInput(60);
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto cam,
                               GradCam::Create(graph, parameters, "conv"));
  EXPECT_EQ(cam->layer(), "conv");
  const Graph::Node& conv = graph.nodes()[graph.FindNode("conv")];
  const std::vector<float> activations =
      OutputOfLayer(graph, parameters, input, "conv");
  int64_t positive = 0;
  for (int64_t label = 0; label < 3; ++label) {
    double weights[3];
    for (int k = 0; k < 3; ++k) {
      constexpr float kStep = 1.0f / 64;
      float& bias = parameters.view(conv.first_parameter + 1)[k];
      const float before = bias;
      bias = before + kStep;
      const float above =
          OutputOfLayer(graph, parameters, input, "scores")[label];
      bias = before - kStep;
      const float below =
          OutputOfLayer(graph, parameters, input, "scores")[label];
      bias = before;
      weights[k] = (above - below) / (2 * kStep) / 30;
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor map, cam->Map(input, label));
    ASSERT_EQ(map.shape(), Shape({6, 5}));
    for (int64_t p = 0; p < 30; ++p) {
      double sum = 0;
      for (int k = 0; k < 3; ++k) sum += weights[k] * activations[3 * p + k];
      // Scores of some 1, rounded to 2^-23, over steps of 2^-6, 30 positions
      // and activations of up to 10; and the third derivative's kStep^2 / 6.
      EXPECT_NEAR(map.data()[p], std::max(sum, 0.0), 1e-4) << p;
      positive += sum > 1e-3;
    }
  }
  EXPECT_GT(positive, 10);
}

TEST(GradCamTest, ReadsTheLastSpatialLayer) {
  const Graph graph = SmoothNet();
  const Parameters parameters = RandomParameters(graph);
  EXPECT_EQ(graph.nodes()[LastSpatialNode(graph)].name, "drop");
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto cam,
                               GradCam::Create(graph, parameters));
  EXPECT_EQ(cam->layer(), "drop");
  const std::vector<float> input = RandomInput(60);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor first, cam->Map(input, 0));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor again, cam->Map(input, 0));
  EXPECT_EQ(first.span(), again.span());
}

TEST(GradCamTest, NamesWhatDoesNotFit) {
  const Graph graph = SmoothNet();
  const Parameters parameters = RandomParameters(graph);
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(
      GradCam::Create(graph, parameters, "konv"),
      StatusIs(code, HasSubstr("there is no layer \"konv\"; expected one of "
                               "\"conv\"")));
  EXPECT_THAT(GradCam::Create(graph, parameters, "hidden"),
              StatusIs(code, HasSubstr("layer \"hidden\" has an output of "
                                       "shape [4]; Grad-CAM needs one of")));
  const Graph maps = GraphOf(
      "input { name: 'image' shape: [4, 4, 1] }"
      "layer { name: 'conv' conv2d { kernel: 1 output_channels: 2 } }");
  const Parameters of_maps = RandomParameters(maps);
  EXPECT_THAT(GradCam::Create(maps, of_maps),
              StatusIs(code, HasSubstr("has shape [4, 4, 2]")));
  const Graph flat = GraphOf(
      "input { name: 'image' shape: [4, 4, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  const Parameters of_flat = RandomParameters(flat);
  EXPECT_THAT(GradCam::Create(flat, of_flat),
              StatusIs(code, HasSubstr("the model has none")));
}

}  // namespace
}  // namespace lenslet
