#include "lenslet/benchmarks/peers/torch_graph.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet::peers {
namespace {

absl::Status DoesNotHave(const Graph::Node& node) {
  return absl::UnimplementedError(absl::StrCat(
      "layer \"", node.name, "\": libtorch's worker has no such layer"));
}

// As many numbers as `rank`, of which an empty Axes has `otherwise`.
std::vector<int64_t> Numbers(const Axes& axes, const Axes& otherwise) {
  const Axes& used = axes.empty() ? otherwise : axes;
  std::vector<int64_t> numbers(used.begin(), used.end());
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  return numbers;
}

constexpr int kRank = 2;

// A window whose padding is the same on both sides.
struct TorchWindow {
  explicit TorchWindow(const Window& window, const Axes& stride)
      : kernel(Numbers(window.kernel, {})),
        stride(Numbers(window.stride, stride)),
        dilation(Numbers(window.dilation, Axes::Filled(kRank, 1))),
        padding(Numbers(window.padding.before, Axes::Filled(kRank, 0))),
        is_symmetric(window.padding.before == window.padding.after) {}

  std::vector<int64_t> kernel;
  std::vector<int64_t> stride;
  std::vector<int64_t> dilation;
  std::vector<int64_t> padding;
  bool is_symmetric;
};

torch::Tensor Copy(const Parameters& initial, int i) {
  const View<const float> values = initial.view(i);
  const absl::Span<const int64_t> dims = values.shape().dims();
  return torch::from_blob(const_cast<float*>(values.data()),
                          std::vector<int64_t>(dims.begin(), dims.end()))
      .clone();
}

// [outputs, height, width, inputs] -> [outputs, inputs, height, width]
torch::Tensor CopyFilter(const Parameters& initial, int i, bool channels_last) {
  return Copy(initial, i)
      .permute({0, 3, 1, 2})
      .contiguous(channels_last ? torch::MemoryFormat::ChannelsLast
                                : torch::MemoryFormat::Contiguous);
}

// The shape before the flatten layer that the node's input comes from, or a
// flat one. Dropout keeps the order of what it drops from.
Shape ShapeBeforeFlatten(const Graph& graph, const Graph::Node& node) {
  int value = node.inputs[0];
  for (int i = graph.NodeOfValue(value); i >= 0; i = graph.NodeOfValue(value)) {
    const Graph::Node& before = graph.nodes()[i];
    const LayerSpec& spec = before.layer.spec();
    const bool is_flatten = std::holds_alternative<FlattenLayer>(spec);
    if (!is_flatten && !std::holds_alternative<DropoutSpec>(spec)) break;
    value = before.inputs[0];
    if (is_flatten) break;
  }
  return graph.ShapeOfValue(value);
}

// The columns of a linear layer from [height, width, channels] to [channels,
// height, width].
torch::Tensor CopyWeight(const Parameters& initial, int i,
                         const Shape& before) {
  const torch::Tensor weight = Copy(initial, i);
  if (before.rank() != 3) return weight;
  return weight
      .view({weight.size(0), before.dim(0), before.dim(1), before.dim(2)})
      .permute({0, 3, 1, 2})
      .reshape({weight.size(0), -1});
}

torch::Tensor Activate(ActivationKind kind, const torch::Tensor& x) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return torch::sigmoid(x);
    case ActivationKind::kTanh:
      return torch::tanh(x);
    case ActivationKind::kRelu:
      return torch::relu(x);
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
    case ActivationKind::kGelu:
    case ActivationKind::kSilu:
    case ActivationKind::kSoftplus:
    case ActivationKind::kClip:
    case ActivationKind::kHardSigmoid:
    case ActivationKind::kHardSwish:
      break;
  }
  return {};
}

}  // namespace

absl::StatusOr<std::unique_ptr<TorchGraph>> TorchGraph::Create(
    const Graph& graph, const Parameters& initial, bool channels_last) {
  std::unique_ptr<TorchGraph> torch_graph(new TorchGraph());
  for (const Graph::Node& node : graph.nodes()) {
    LENSLET_RETURN_IF_ERROR(
        torch_graph->Add(graph, node, initial, channels_last));
    if (torch_graph->nodes_.back().compute == nullptr) return DoesNotHave(node);
  }
  return torch_graph;
}

absl::Status TorchGraph::Add(const Graph& graph, const Graph::Node& node,
                             const Parameters& initial, bool channels_last) {
  const int first = node.first_parameter;
  const auto add_trainable = [&](torch::Tensor parameter) {
    parameter.set_requires_grad(true);
    trainable_.push_back(parameter);
    return parameter;
  };
  // Undefined without a bias.
  const auto add_bias = [&](bool has_bias) {
    return has_bias ? add_trainable(Copy(initial, first + 1)) : torch::Tensor();
  };
  nodes_.push_back({.inputs = node.inputs, .compute = nullptr});
  auto& compute = nodes_.back().compute;
  const LayerSpec& spec = node.layer.spec();
  if (const auto* conv = std::get_if<ConvLayer>(&spec)) {
    const ConvSpec& c = conv->spec;
    const TorchWindow window(c.window, Axes::Filled(kRank, 1));
    if (conv->rank != kRank || c.flip || c.padding_mode != PaddingMode::kZero ||
        !c.connections.empty()) {
      return DoesNotHave(node);
    }
    const torch::Tensor weight =
        add_trainable(CopyFilter(initial, first, channels_last));
    const torch::Tensor bias = add_bias(c.has_bias);
    const int64_t groups = c.groups;
    if (!window.is_symmetric) {
      const std::vector<int64_t> after =
          Numbers(c.window.padding.after, Axes::Filled(kRank, 0));
      // Left, right, top, bottom.
      const std::vector<int64_t> pad = {window.padding[1], after[1],
                                        window.padding[0], after[0]};
      const std::vector<int64_t> none = {0, 0};
      compute = [=](const Inputs& x, bool) {
        return torch::conv2d(torch::constant_pad_nd(x[0], pad), weight, bias,
                             window.stride, none, window.dilation, groups);
      };
      return absl::OkStatus();
    }
    compute = [=](const Inputs& x, bool) {
      return torch::conv2d(x[0], weight, bias, window.stride, window.padding,
                           window.dilation, groups);
    };
  } else if (const auto* linear = std::get_if<LinearLayer>(&spec)) {
    const torch::Tensor weight = add_trainable(
        CopyWeight(initial, first, ShapeBeforeFlatten(graph, node)));
    const torch::Tensor bias = add_bias(linear->spec.has_bias);
    compute = [=](const Inputs& x, bool) {
      return torch::linear(x[0], weight, bias);
    };
  } else if (const auto* pool = std::get_if<PoolLayer>(&spec)) {
    const PoolSpec& p = pool->spec;
    const TorchWindow window(p.window, p.window.kernel);
    if (pool->rank != kRank || !window.is_symmetric) return DoesNotHave(node);
    const bool ceil = p.rounding == Rounding::kCeil;
    const bool count_padding = p.count_padding;
    if (p.kind == PoolKind::kMax) {
      compute = [=](const Inputs& x, bool) {
        return torch::max_pool2d(x[0], window.kernel, window.stride,
                                 window.padding, window.dilation, ceil);
      };
    } else if (p.kind == PoolKind::kAverage) {
      compute = [=](const Inputs& x, bool) {
        return torch::avg_pool2d(x[0], window.kernel, window.stride,
                                 window.padding, ceil, count_padding);
      };
    }
  } else if (const auto* global = std::get_if<GlobalPoolLayer>(&spec)) {
    if (global->kind != PoolKind::kAverage) return DoesNotHave(node);
    compute = [](const Inputs& x, bool) {
      return torch::adaptive_avg_pool2d(x[0], {1, 1});
    };
  } else if (const auto* activation = std::get_if<ActivationSpec>(&spec)) {
    const ActivationKind kind = activation->kind;
    if (!Activate(kind, torch::zeros(1)).defined()) return DoesNotHave(node);
    compute = [kind](const Inputs& x, bool) { return Activate(kind, x[0]); };
  } else if (const auto* norm = std::get_if<BatchNormSpec>(&spec)) {
    const torch::Tensor scale = add_trainable(Copy(initial, first));
    const torch::Tensor shift = add_trainable(Copy(initial, first + 1));
    const torch::Tensor mean = Copy(initial, first + 2);
    const torch::Tensor variance = Copy(initial, first + 3);
    const double momentum = norm->momentum;
    const double epsilon = norm->epsilon;
    compute = [=](const Inputs& x, bool training) {
      return torch::batch_norm(x[0], scale, shift, mean, variance, training,
                               momentum, epsilon, /*cudnn_enabled=*/false);
    };
  } else if (const auto* dropout = std::get_if<DropoutSpec>(&spec)) {
    const double rate = dropout->rate;
    compute = [rate](const Inputs& x, bool training) {
      return torch::dropout(x[0], rate, training);
    };
  } else if (std::holds_alternative<AddLayer>(spec)) {
    compute = [](const Inputs& x, bool) {
      torch::Tensor sum = x[0] + x[1];
      for (size_t i = 2; i < x.size(); ++i) sum = sum + x[i];
      return sum;
    };
  } else if (const auto* concat = std::get_if<ConcatSpec>(&spec)) {
    if (concat->axis.has_value() && *concat->axis != kRank) {
      return DoesNotHave(node);
    }
    compute = [](const Inputs& x, bool) { return torch::cat(x, 1); };
  } else if (const auto* pad = std::get_if<PadSpec>(&spec)) {
    const std::vector<int64_t> before =
        Numbers(pad->padding.before, Axes::Filled(kRank, 0));
    const std::vector<int64_t> after =
        Numbers(pad->padding.after, Axes::Filled(kRank, 0));
    if (pad->mode != PaddingMode::kZero || before.size() != kRank) {
      return DoesNotHave(node);
    }
    // Left, right, top, bottom.
    const std::vector<int64_t> sides = {before[1], after[1], before[0],
                                        after[0]};
    compute = [sides](const Inputs& x, bool) {
      return torch::constant_pad_nd(x[0], sides);
    };
  } else if (std::holds_alternative<ReshapeLayer>(spec)) {
    const Shape& to = node.output;
    if (graph.ShapeOfValue(node.inputs[0]).rank() != 3 || to.rank() != 3) {
      return DoesNotHave(node);
    }
    const std::vector<int64_t> dims = {-1, to.dim(0), to.dim(1), to.dim(2)};
    // In the order of [N, height, width, channels].
    compute = [dims](const Inputs& x, bool) {
      return x[0].permute({0, 2, 3, 1}).reshape(dims).permute({0, 3, 1, 2});
    };
  } else if (std::holds_alternative<FlattenLayer>(spec)) {
    compute = [](const Inputs& x, bool) { return x[0].flatten(1); };
  }
  return absl::OkStatus();
}

torch::Tensor TorchGraph::Forward(const torch::Tensor& images, bool training) {
  std::vector<torch::Tensor> values = {images};
  for (const Node& node : nodes_) {
    Inputs inputs;
    for (const int i : node.inputs) inputs.push_back(values[i]);
    values.push_back(node.compute(inputs, training));
  }
  return values.back();
}

}  // namespace lenslet::peers
