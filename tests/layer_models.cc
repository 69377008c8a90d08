#include "lenslet/tests/layer_models.h"

#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

// Layers that neither the zoo nor random networks have.
constexpr const char* kLayers[] = {
    "clip { min: -0.5 max: 0.25 }",
    "hard_sigmoid { slope: 0.2 offset: 0.4 }",
    "hard_swish {}",
    // As much padding as a kernel has taps.
    "max_pool2d { kernel: 2 dilation: 3 padding: 2 stride: 1 }",
    "min_pool2d { kernel: 2 dilation: 3 padding: [2, 3] stride: 2 }",
    "avg_pool2d { kernel: 2 dilation: 3 padding: 2 stride: 1 "
    "count_padding: false }",
    "mul {} input: ['x', 'conv']",
    "resize { scale: 2 coordinates: ASYMMETRIC rounding: ROUND_FLOOR }",
    "resize { scale: [1.5, 0.5] }",
    "resize { mode: LINEAR output: [7, 3] }",
    "resize { mode: LINEAR output: 4 coordinates: ALIGN_CORNERS }",
    "resize { mode: LINEAR scale: [2, 3] coordinates: PYTORCH_HALF_PIXEL }",
    "lrn { size: 3 alpha: 0.5 beta: 1 bias: 2 }",
    "layer_norm {}",
    "layer_norm { axis: 1 epsilon: 0.001 }",
    "layer_norm { axis: 0 }",
    "flatten {} } layer { name: 'n' layer_norm {} } layer { name: 'z' linear { "
    "output_features: 3 }",
    "global_avg_pool {} } layer { name: 'z' mul {} input: ['conv', 'y']",
    "global_avg_pool {} } layer { name: 'z' add {} input: ['y', 'conv', 'x']",
};

}  // namespace

std::vector<std::string> LayerModels() {
  std::vector<std::string> models;
  for (const char* layer : kLayers) {
    models.push_back(absl::StrCat(
        "input { name: 'x' shape: [5, 6, 4] } layer { name: 'conv' "
        "conv2d { kernel: 3 padding: 1 output_channels: 4 } } layer { "
        "name: 'y' ",
        layer, " }"));
  }
  return models;
}

}  // namespace lenslet
