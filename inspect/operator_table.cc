#include "lenslet/inspect/operator_table.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/backend.h"

namespace lenslet {
namespace {

constexpr int64_t kSize = 6;  // Of an image along each axis.
constexpr int64_t kChannels = 4;

struct Operator {
  std::string name;
  // As in model files, with "*" for the number of dimensions.
  std::string layer;
  // For so many spatial dimensions.
  std::function<Layer(int dimensions)> make;
  int inputs = 1;
};

std::function<Layer(int)> Any(const Layer& layer) {
  return [=](int) { return layer; };
}

std::function<Layer(int)> Convolution(const ConvSpec& base,
                                      int64_t padding = 0) {
  return [=](int dimensions) {
    ConvLayer layer = {dimensions, base};
    layer.spec.output_channels = kChannels;
    layer.spec.window = {.kernel = Axes::Filled(dimensions, 3),
                         .padding = {Axes::Filled(dimensions, padding),
                                     Axes::Filled(dimensions, padding)}};
    return Layer(layer);
  };
}

std::function<Layer(int)> Pooling(const PoolSpec& base) {
  return [=](int dimensions) {
    PoolLayer layer = {dimensions, base};
    layer.spec.window.kernel = Axes::Filled(dimensions, 2);
    return Layer(layer);
  };
}

std::function<Layer(int)> AdaptivePooling(PoolKind kind) {
  return [=](int dimensions) {
    return Layer(AdaptivePoolLayer{kind, Axes::Filled(dimensions, 4)});
  };
}

std::vector<Operator> Operators() {
  std::vector<std::vector<int64_t>> connections;
  for (int64_t k = 0; k < kChannels; ++k) {
    connections.push_back({k / 2, 2 + k / 2});
  }
  std::vector<Operator> operators = {
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
       [](int dimensions) {
         return Layer(ConvTransposeLayer{
             dimensions,
             {.output_channels = kChannels,
              .window = {.kernel = Axes::Filled(dimensions, 3),
                         .stride = Axes::Filled(dimensions, 2)}}});
       }},
      {"maximum pooling", "max_pool*d", Pooling({.kind = PoolKind::kMax})},
      {"minimum pooling", "min_pool*d", Pooling({.kind = PoolKind::kMin})},
      {"average pooling", "avg_pool*d", Pooling({.kind = PoolKind::kAverage})},
      {"... without counting padding", "avg_pool*d { count_padding: false }",
       Pooling({.kind = PoolKind::kAverage, .count_padding = false})},
      {"softmax pooling", "softmax_pool*d",
       Pooling({.kind = PoolKind::kSoftmax})},
      {"adaptive maximum pooling", "adaptive_max_pool",
       AdaptivePooling(PoolKind::kMax)},
      {"adaptive average pooling", "adaptive_avg_pool",
       AdaptivePooling(PoolKind::kAverage)},
      {"global maximum pooling", "global_max_pool",
       Any(layers::GlobalMaxPool())},
      {"global average pooling", "global_avg_pool",
       Any(layers::GlobalAvgPool())},
      {"padding", "pad", Any(layers::Pad({.padding = {1}}))},
      {"resizing to the nearest", "resize",
       Any(layers::Resize({.scale = {2}}))},
      {"... linear", "resize { mode: LINEAR }",
       Any(layers::Resize({.mode = ResizeMode::kLinear, .scale = {2}}))},
      {"linear", "linear", Any(layers::Linear({.output_features = 3}))},
      {"batch normalization", "batch_norm", Any(layers::BatchNorm())},
      {"layer normalization", "layer_norm", Any(layers::LayerNorm())},
      {"local response normalization", "lrn", Any(layers::Lrn())},
      {"dropout", "dropout", Any(layers::Dropout(0.5))},
      {"element-wise sum", "add", Any(layers::Add()), /*inputs=*/2},
      {"element-wise product", "mul", Any(layers::Mul()), /*inputs=*/2},
      {"concatenation", "concat", Any(layers::Concat()), /*inputs=*/2},
      {"flattening", "flatten", Any(layers::Flatten())},
      {"reshaping", "reshape", Any(layers::Reshape({-1, 2}))},
  };
  for (const ActivationKind kind : kActivationKinds) {
    const std::string name(Name(kind));
    operators.push_back({absl::StrReplaceAll(name, {{"_", " "}}), name,
                         Any(Layer(ActivationSpec{.kind = kind}))});
  }
  return operators;
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
    const Layer layer = op.make(dimensions);
    if (layer.IsReshape(/*training=*/true)) return "no kernel";
    bool runs = false;
    if (CanTrain(backend)) {
      LENSLET_ASSIGN_OR_RETURN(
          runs, Runs(op, backend, dimensions, /*training=*/true));
    }
    if (runs) {
      trained.push_back(dimensions);
    } else if (!layer.IsReshape(/*training=*/false)) {
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
