#include "lenslet/inspect/operator_table.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/activation.h"
#include "lenslet/layers/add.h"
#include "lenslet/layers/batch_norm.h"
#include "lenslet/layers/concat.h"
#include "lenslet/layers/conv.h"
#include "lenslet/layers/conv_transpose.h"
#include "lenslet/layers/dropout.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/flatten.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/linear.h"
#include "lenslet/layers/pad.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/pool.h"
#include "lenslet/layers/reshape.h"
#include "lenslet/ops/backend.h"

namespace lenslet {
namespace {

using LayerPointer = std::shared_ptr<const Layer>;

constexpr int64_t kSize = 6;  // Of an image along each axis.
constexpr int64_t kChannels = 4;

struct Operator {
  const char* name;
  // As in model files, with "*" for the number of dimensions.
  const char* layer;
  // For so many spatial dimensions.
  std::function<LayerPointer(int dimensions)> make;
  int inputs = 1;
};

template <typename Layer, typename... Options>
std::function<LayerPointer(int)> Any(Options... options) {
  return [=](int) { return std::make_shared<Layer>(options...); };
}

// The layer for 1, 2 or 3 dimensions, with the options for that many.
template <typename Layer1d, typename Layer2d, typename Layer3d, typename Make>
std::function<LayerPointer(int)> Each(Make options) {
  return [=](int dimensions) -> LayerPointer {
    switch (dimensions) {
      case 1:
        return std::make_shared<Layer1d>(options(1));
      case 2:
        return std::make_shared<Layer2d>(options(2));
      default:
        return std::make_shared<Layer3d>(options(3));
    }
  };
}

std::function<LayerPointer(int)> Convolution(layers::ConvOptions base,
                                             int64_t padding = 0) {
  return Each<layers::Conv1d, layers::Conv2d, layers::Conv3d>(
      [=](int dimensions) {
        layers::ConvOptions options = base;
        options.output_channels = kChannels;
        options.kernel = Axes::Filled(dimensions, 3);
        options.padding = {Axes::Filled(dimensions, padding),
                           Axes::Filled(dimensions, padding)};
        return options;
      });
}

template <typename Layer1d, typename Layer2d, typename Layer3d>
std::function<LayerPointer(int)> Pooling(layers::PoolOptions base = {}) {
  return Each<Layer1d, Layer2d, Layer3d>([=](int dimensions) {
    layers::PoolOptions options = base;
    options.kernel = Axes::Filled(dimensions, 2);
    return options;
  });
}

std::vector<Operator> Operators() {
  using layers::ConvOptions;
  using layers::PoolOptions;
  std::vector<std::vector<int64_t>> connections;
  for (int64_t k = 0; k < kChannels; ++k) {
    connections.push_back({k / 2, 2 + k / 2});
  }
  return {
      {"convolution", "conv*d", Convolution({}, 1)},
      {"... with groups", "conv*d { groups: 2 }", Convolution({.groups = 2})},
      {"... depthwise", "conv*d { groups: CHANNELS }",
       Convolution({.groups = kChannels})},
      {"... with reflected padding", "conv*d { padding_mode: REFLECT }",
       Convolution({.padding_mode = PaddingMode::kReflect}, 1)},
      {"... with replicated padding", "conv*d { padding_mode: REPLICATE }",
       Convolution({.padding_mode = PaddingMode::kReplicate}, 1)},
      {"... strict (flipped)", "conv*d { flip: true }",
       Convolution({.flip = true})},
      {"... with a connection table", "conv*d { connection { ... } }",
       Convolution({.connections = connections})},
      {"transposed convolution", "conv_transpose*d",
       Each<layers::ConvTranspose1d, layers::ConvTranspose2d,
            layers::ConvTranspose3d>([](int dimensions) {
         return layers::ConvTransposeOptions{
             .output_channels = kChannels,
             .kernel = Axes::Filled(dimensions, 3),
             .stride = Axes::Filled(dimensions, 2)};
       })},
      {"maximum pooling", "max_pool*d",
       Pooling<layers::MaxPool1d, layers::MaxPool2d, layers::MaxPool3d>()},
      {"minimum pooling", "min_pool*d",
       Pooling<layers::MinPool1d, layers::MinPool2d, layers::MinPool3d>()},
      {"average pooling", "avg_pool*d",
       Pooling<layers::AvgPool1d, layers::AvgPool2d, layers::AvgPool3d>()},
      {"... without counting padding", "avg_pool*d { count_padding: false }",
       Pooling<layers::AvgPool1d, layers::AvgPool2d, layers::AvgPool3d>(
           {.count_padding = false})},
      {"softmax pooling", "softmax_pool*d",
       Pooling<layers::SoftmaxPool1d, layers::SoftmaxPool2d,
               layers::SoftmaxPool3d>()},
      {"adaptive maximum pooling", "adaptive_max_pool",
       [](int dimensions) {
         return std::make_shared<layers::AdaptiveMaxPool>(
             Axes::Filled(dimensions, 4));
       }},
      {"adaptive average pooling", "adaptive_avg_pool",
       [](int dimensions) {
         return std::make_shared<layers::AdaptiveAvgPool>(
             Axes::Filled(dimensions, 4));
       }},
      {"global maximum pooling", "global_max_pool",
       Any<layers::GlobalMaxPool>()},
      {"global average pooling", "global_avg_pool",
       Any<layers::GlobalAvgPool>()},
      {"padding", "pad",
       [](int dimensions) {
         return std::make_shared<layers::Pad>(
             layers::PadOptions{.padding = {Axes::Filled(dimensions, 1),
                                            Axes::Filled(dimensions, 1)}});
       }},
      {"linear", "linear",
       Any<layers::Linear>(layers::LinearOptions{.output_features = 3})},
      {"sigmoid", "sigmoid", Any<layers::Sigmoid>()},
      {"hyperbolic tangent", "tanh", Any<layers::Tanh>()},
      {"rectifier", "relu", Any<layers::Relu>()},
      {"leaky rectifier", "leaky_relu", Any<layers::LeakyRelu>()},
      {"ELU", "elu", Any<layers::Elu>()},
      {"GELU", "gelu", Any<layers::Gelu>()},
      {"SiLU", "silu", Any<layers::Silu>()},
      {"softplus", "softplus", Any<layers::Softplus>()},
      {"batch normalization", "batch_norm",
       Any<layers::BatchNorm>(layers::BatchNormOptions())},
      {"dropout", "dropout", Any<layers::Dropout>(0.5)},
      {"element-wise sum", "add", Any<layers::Add>(), /*inputs=*/2},
      {"concatenation", "concat", Any<layers::Concat>(),
       /*inputs=*/2},
      {"flattening", "flatten", Any<layers::Flatten>()},
      {"reshaping", "reshape",
       Any<layers::Reshape>(std::vector<int64_t>{-1, 2})},
  };
}

// Runs the layer on one backend, in training forward and backward. Returns
// false if the backend lacks it.
absl::StatusOr<bool> Runs(const Operator& op, Backend backend, int dimensions,
                          bool training) {
  std::vector<int64_t> dims(dimensions, kSize);
  dims.push_back(kChannels);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, Shape::Create(dims));
  GraphBuilder builder;
  std::vector<std::string> inputs;
  for (int i = 0; i < op.inputs; ++i) {
    inputs.push_back(absl::StrCat("input", i));
    builder.AddInput(inputs.back(), image);
  }
  builder.AddLayer("layer", op.make(dimensions), inputs);
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, builder.Build());
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Executor> executor,
                           Executor::Create(graph, parameters,
                                            {.backend = backend,
                                             .images = 2,
                                             .training = training,
                                             .input_gradients = training}));
  if (executor->BackendOfLayer(0) != backend) return false;
  executor->Forward(2);
  if (training) {
    LENSLET_ASSIGN_OR_RETURN(Parameters gradients, Parameters::Create(graph));
    executor->Backward(2, gradients.array());
  }
  return true;
}

// "1, 2: forward, backward; 3: forward"
absl::StatusOr<std::string> Cell(const Operator& op, Backend backend) {
  std::vector<int> trained;
  std::vector<int> inferred;
  for (const int dimensions : {1, 2, 3}) {
    const LayerPointer layer = op.make(dimensions);
    if (layer->IsReshape(/*training=*/true)) return "no kernel";
    bool runs = false;
    if (CanTrain(backend)) {
      LENSLET_ASSIGN_OR_RETURN(
          runs, Runs(op, backend, dimensions, /*training=*/true));
    }
    if (runs) {
      trained.push_back(dimensions);
    } else if (!layer->IsReshape(/*training=*/false)) {
      LENSLET_ASSIGN_OR_RETURN(
          runs, Runs(op, backend, dimensions, /*training=*/false));
      if (runs) inferred.push_back(dimensions);
    }
  }
  std::vector<std::string> parts;
  if (!trained.empty()) {
    parts.push_back(
        absl::StrCat(absl::StrJoin(trained, ", "), ": forward, backward"));
  }
  if (!inferred.empty()) {
    parts.push_back(absl::StrCat(absl::StrJoin(inferred, ", "), ": forward"));
  }
  return parts.empty() ? "-" : absl::StrJoin(parts, "; ");
}

}  // namespace

absl::StatusOr<std::string> OperatorTable() {
  std::string table = "| operator | layer |";
  std::string rule = "| --- | --- |";
  for (const Backend backend : kBackends) {
    absl::StrAppend(&table, " ", std::string(Name(backend)), " |");
    absl::StrAppend(&rule, " --- |");
  }
  absl::StrAppend(&table, "\n", rule, "\n");
  for (const Operator& op : Operators()) {
    absl::StrAppend(&table, "| ", op.name, " | `", op.layer, "` |");
    for (const Backend backend : kBackends) {
      LENSLET_ASSIGN_OR_RETURN(const std::string cell, Cell(op, backend));
      absl::StrAppend(&table, " ", cell, " |");
    }
    absl::StrAppend(&table, "\n");
  }
  return table;
}

}  // namespace lenslet
