#include "lenslet/benchmarks/peers/onednn_network.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "absl/types/span.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet::peers {
namespace {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Tag = dnnl::memory::format_tag;

constexpr memory::data_type kFloat = memory::data_type::f32;
constexpr int kRank = 2;

memory::desc AnyFormat(const memory::dims& dims) {
  return memory::desc(dims, kFloat, Tag::any);
}

// Rows if there are two dimensions.
memory::desc Nhwc(const memory::dims& dims) {
  return memory::desc(dims, kFloat, dims.size() == 2 ? Tag::nc : Tag::nhwc);
}

bool IsNhwc(const memory::desc& desc) { return desc == Nhwc(desc.dims()); }

memory::desc Vector(int64_t size) {
  return memory::desc({size}, kFloat, Tag::x);
}

// [height, width, channels] -> [batch, channels, height, width]
memory::dims Dims(int64_t batch, const Shape& image) {
  if (image.rank() == 1) return {batch, image.dim(0)};
  return {batch, image.dim(2), image.dim(0), image.dim(1)};
}

memory::dims Numbers(const Axes& axes, int64_t otherwise) {
  if (axes.empty()) return memory::dims(kRank, otherwise);
  memory::dims numbers(axes.begin(), axes.end());
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  return numbers;
}

[[noreturn]] void Refuse(const Graph::Node& node) {
  throw std::invalid_argument("layer \"" + node.name +
                              "\": oneDNN's worker has no such layer");
}

// A window for an input and an output of these dims.
struct OneDnnWindow {
  OneDnnWindow(const Window& window, const memory::dims& default_stride,
               const memory::dims& in, const memory::dims& out)
      : kernel(Numbers(window.kernel, 1)),
        stride(window.stride.empty() ? default_stride
                                     : Numbers(window.stride, 1)),
        dilation(Numbers(window.dilation, 1)),
        before(Numbers(window.padding.before, 0)),
        after(kRank) {
    for (int i = 0; i < kRank; ++i) {
      const int64_t reach = (kernel[i] - 1) * dilation[i] + 1;
      dilation[i] -= 1;
      // The last window ends here. Below 0: the input has more.
      after[i] = std::max<int64_t>(
          0, (out[2 + i] - 1) * stride[i] + reach - in[2 + i] - before[i]);
    }
  }

  memory::dims kernel;
  memory::dims stride;
  memory::dims dilation;  // 0: none.
  memory::dims before;
  memory::dims after;
};

// Functions whose gradient is computed from their output.
algorithm Function(const Graph::Node& node, ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return algorithm::eltwise_logistic_use_dst_for_bwd;
    case ActivationKind::kTanh:
      return algorithm::eltwise_tanh_use_dst_for_bwd;
    case ActivationKind::kRelu:
      return algorithm::eltwise_relu_use_dst_for_bwd;
    default:
      Refuse(node);
  }
}

// The one node that reads the value, or -1.
int OnlyReader(const Graph& graph, int value) {
  int reader = -1;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    for (const int input : graph.nodes()[i].inputs) {
      if (input != value) continue;
      if (reader >= 0) return -1;
      reader = static_cast<int>(i);
    }
  }
  return value == graph.output_value() ? -1 : reader;
}

// Random bits of a counter. Source: Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014.
uint64_t SplitMix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

OneDnnNetwork::OneDnnNetwork(const Graph& graph, int64_t batch,
                             const OneDnnOptions& options,
                             const dnnl::engine& engine,
                             const Parameters& initial,
                             std::vector<OneDnnParameter>& parameters)
    : options_(options),
      batch_(batch),
      engine_(engine),
      stream_(engine),
      parameters_(parameters) {
  parameters_.resize(graph.parameters().size());
  const memory::dims input = Dims(batch, graph.inputs()[0].shape);
  // With one channel, NCHW and NHWC are the same numbers; but oneDNN has fast
  // convolutions only for the one that goes with the output's format.
  const bool is_nchw = input[1] == 1 && input.size() == 4 &&
                       options.format != OneDnnFormat::kNhwc;
  values_.push_back(
      {.data =
           New(is_nchw ? memory::desc(input, kFloat, Tag::nchw) : Nhwc(input)),
       .is_kept = true});
  values_.reserve(graph.value_count());
  const int nodes = static_cast<int>(graph.nodes().size());
  for (int i = 0; i < nodes; ++i) {
    Value value = AddNode(graph, i, initial);
    values_.push_back(std::move(value));
  }
  const memory output = values_[graph.output_value()].data;
  scores_ = Reordered(output, Nhwc(output.get_desc().dims()), forward_);
  if (!options_.training) return;
  scores_gradient_ = New(scores_.get_desc());
  values_[graph.output_value()].gradients.push_back(
      {.memory = scores_gradient_});
  for (int i = nodes - 1; i >= 0; --i) {
    Value& value = values_[graph.ValueOfNode(i)];
    Gradient gradient = value.gradients[0];
    if (value.gradients.size() > 1) {
      std::vector<memory> parts;
      std::vector<memory::desc> descs;
      for (const Gradient& part : value.gradients) {
        parts.push_back(
            Reordered(part.memory, value.data.get_desc(), backward_));
        descs.push_back(value.data.get_desc());
      }
      gradient = {.memory = New(value.data.get_desc())};
      std::unordered_map<int, memory> arguments = {
          {DNNL_ARG_DST, gradient.memory}};
      for (size_t part = 0; part < parts.size(); ++part) {
        arguments[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(part)] = parts[part];
      }
      Add(backward_,
          dnnl::sum({value.data.get_desc(),
                     std::vector<float>(parts.size(), 1.0f), descs, engine_}),
          std::move(arguments));
    }
    value.backward(gradient);
  }
}

void OneDnnNetwork::Run(const Calls& calls) {
  for (const auto& call : calls) call(stream_);
  stream_.wait();
}

prop_kind OneDnnNetwork::ForwardKind() const {
  return options_.training ? prop_kind::forward_training
                           : prop_kind::forward_inference;
}

void OneDnnNetwork::Add(Calls& calls, const dnnl::primitive& primitive,
                        std::unordered_map<int, memory> arguments) {
  calls.push_back(
      [primitive, arguments = std::move(arguments)](dnnl::stream& stream) {
        primitive.execute(stream, arguments);
      });
}

memory OneDnnNetwork::Reordered(const memory& from, const memory::desc& desc,
                                Calls& calls) {
  if (from.get_desc() == desc) return from;
  const memory to = New(desc);
  Add(calls, dnnl::reorder(from, to),
      {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  return to;
}

memory OneDnnNetwork::ComputedIn(const memory& to, const memory::desc& desc,
                                 Calls& after) {
  if (to.get_desc() == desc) return to;
  const memory from = New(desc);
  Add(after, dnnl::reorder(from, to),
      {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  return from;
}

void OneDnnNetwork::MakeParameter(int index, const memory::desc& lenslet,
                                  const memory::desc& wanted,
                                  const Parameters& initial, bool is_trained) {
  OneDnnParameter& parameter = parameters_[index];
  if (parameter.value) return;
  memory source = New(lenslet);
  const absl::Span<const float> values = initial.view(index).span();
  std::copy(values.begin(), values.end(), Data(source));
  parameter.value = New(wanted);
  dnnl::reorder(source, parameter.value)
      .execute(stream_, source, parameter.value);
  stream_.wait();
  if (!is_trained) return;
  parameter.gradient = New(wanted);
  // Blocked formats have gaps, which SGD updates along with the rest.
  std::memset(parameter.gradient.get_data_handle(), 0, wanted.get_size());
}

bool OneDnnNetwork::FusesNext(const Graph& graph, int index) const {
  if (!options_.fuse) return false;
  const int next = OnlyReader(graph, graph.ValueOfNode(index));
  if (next < 0) return false;
  const auto* activation =
      std::get_if<ActivationSpec>(&graph.nodes()[next].layer.spec());
  if (activation == nullptr) return false;
  const LayerSpec& spec = graph.nodes()[index].layer.spec();
  if (std::holds_alternative<BatchNormSpec>(spec)) {
    return activation->kind == ActivationKind::kRelu;
  }
  return std::holds_alternative<ConvLayer>(spec) ||
         std::holds_alternative<LinearLayer>(spec);
}

dnnl::primitive_attr OneDnnNetwork::FusedActivation(const Graph& graph,
                                                    int index) const {
  dnnl::primitive_attr attributes;
  if (!FusesNext(graph, index)) return attributes;
  const Graph::Node& next =
      graph.nodes()[OnlyReader(graph, graph.ValueOfNode(index))];
  algorithm function = algorithm::eltwise_relu;
  switch (std::get<ActivationSpec>(next.layer.spec()).kind) {
    case ActivationKind::kSigmoid:
      function = algorithm::eltwise_logistic;
      break;
    case ActivationKind::kTanh:
      function = algorithm::eltwise_tanh;
      break;
    case ActivationKind::kRelu:
      break;
    default:
      Refuse(next);
  }
  dnnl::post_ops operations;
  operations.append_eltwise(1.0f, function, 0.0f, 0.0f);
  attributes.set_post_ops(operations);
  return attributes;
}

void OneDnnNetwork::PassOn(const Graph::Node& node, int i, Gradient gradient) {
  values_[node.inputs[i]].gradients.push_back(std::move(gradient));
}

OneDnnNetwork::Value OneDnnNetwork::AddNode(const Graph& graph, int index,
                                            const Parameters& initial) {
  const Graph::Node& node = graph.nodes()[index];
  const LayerSpec& spec = node.layer.spec();
  if (std::holds_alternative<ConvLayer>(spec)) {
    return Convolution(graph, index, initial);
  }
  if (std::holds_alternative<LinearLayer>(spec)) {
    return Linear(graph, index, initial);
  }
  if (std::holds_alternative<PoolLayer>(spec) ||
      std::holds_alternative<GlobalPoolLayer>(spec)) {
    return Pool(graph, index);
  }
  if (std::holds_alternative<ActivationSpec>(spec)) {
    return Activate(graph, index);
  }
  if (std::holds_alternative<BatchNormSpec>(spec)) {
    return Normalize(graph, index, initial);
  }
  if (std::holds_alternative<AddLayer>(spec)) return Sum(graph, index);
  if (std::holds_alternative<ConcatSpec>(spec)) {
    return Concatenate(graph, index);
  }
  if (std::holds_alternative<PadSpec>(spec)) return Pad(graph, index);
  if (std::holds_alternative<DropoutSpec>(spec)) return DropOut(graph, index);
  if (std::holds_alternative<FlattenLayer>(spec) ||
      std::holds_alternative<ReshapeLayer>(spec)) {
    return Reshape(graph, index);
  }
  Refuse(node);
}

OneDnnNetwork::Value OneDnnNetwork::Convolution(const Graph& graph, int index,
                                                const Parameters& initial) {
  using Forward = dnnl::convolution_forward;
  using BackwardWeights = dnnl::convolution_backward_weights;
  using BackwardData = dnnl::convolution_backward_data;
  const Graph::Node& node = graph.nodes()[index];
  const auto& layer = std::get<ConvLayer>(node.layer.spec());
  const ConvSpec& spec = layer.spec;
  if (layer.rank != kRank || spec.flip || !spec.connections.empty() ||
      spec.padding_mode != PaddingMode::kZero) {
    Refuse(node);
  }
  const memory x = values_[node.inputs[0]].data;
  const memory::dims in = x.get_desc().dims();
  const memory::dims out = Dims(batch_, node.output);
  const OneDnnWindow window(spec.window, {1, 1}, in, out);
  const int64_t height = window.kernel[0];
  const int64_t width = window.kernel[1];
  const int64_t groups = spec.groups;
  const int64_t inputs = in[1] / groups;
  const int64_t outputs = out[1] / groups;
  memory::dims filter = {outputs, inputs, height, width};
  memory::dims strides = {height * width * inputs, 1, width * inputs, inputs};
  if (groups > 1) {
    filter.insert(filter.begin(), groups);
    strides.insert(strides.begin(), outputs * strides[0]);
  }
  const memory::desc weight = AnyFormat(filter);
  const bool has_bias = spec.has_bias;
  const memory::desc bias = has_bias ? Vector(out[1]) : memory::desc();
  const bool any_format =
      options_.format == OneDnnFormat::kAny ||
      (options_.format == OneDnnFormat::kMixed && node.inputs[0] == 0);
  const memory::desc x_desc = any_format ? AnyFormat(in) : Nhwc(in);
  const memory::desc y_desc = any_format ? AnyFormat(out) : Nhwc(out);
  constexpr algorithm kAlgorithm = algorithm::convolution_direct;
  const Forward::primitive_desc forward(
      {ForwardKind(), kAlgorithm, x_desc, weight, bias, y_desc, window.stride,
       window.dilation, window.before, window.after},
      FusedActivation(graph, index), engine_);
  const int first = node.first_parameter;
  MakeParameter(first, memory::desc(filter, kFloat, strides),
                forward.weights_desc(), initial);
  const memory w = parameters_[first].value;
  std::unordered_map<int, memory> arguments;
  if (has_bias) {
    MakeParameter(first + 1, bias, bias, initial);
    arguments[DNNL_ARG_BIAS] = parameters_[first + 1].value;
  }
  Value y = {.data = New(forward.dst_desc())};
  const memory x_used = Reordered(x, forward.src_desc(), forward_);
  arguments[DNNL_ARG_SRC] = x_used;
  arguments[DNNL_ARG_WEIGHTS] = Reordered(w, forward.weights_desc(), forward_);
  arguments[DNNL_ARG_DST] = y.data;
  Add(forward_, Forward(forward), std::move(arguments));
  y.backward = [=, this, &node](const Gradient& dy) {
    const BackwardWeights::primitive_desc weights(
        {kAlgorithm, x_desc, weight, bias, y_desc, window.stride,
         window.dilation, window.before, window.after},
        engine_, forward);
    Calls after;
    std::unordered_map<int, memory> gradients = {
        {DNNL_ARG_SRC, Reordered(x_used, weights.src_desc(), backward_)},
        {DNNL_ARG_DIFF_DST,
         Reordered(dy.memory, weights.diff_dst_desc(), backward_)},
        {DNNL_ARG_DIFF_WEIGHTS,
         ComputedIn(parameters_[first].gradient, weights.diff_weights_desc(),
                    after)}};
    if (has_bias)
      gradients[DNNL_ARG_DIFF_BIAS] = parameters_[first + 1].gradient;
    Add(backward_, BackwardWeights(weights), std::move(gradients));
    std::move(after.begin(), after.end(), std::back_inserter(backward_));
    if (!HasGradient(node, 0)) return;
    const BackwardData::primitive_desc data(
        {kAlgorithm, x_desc, weight, y_desc, window.stride, window.dilation,
         window.before, window.after},
        engine_, forward);
    const memory dx = New(data.diff_src_desc());
    Add(backward_, BackwardData(data),
        {{DNNL_ARG_DIFF_DST,
          Reordered(dy.memory, data.diff_dst_desc(), backward_)},
         {DNNL_ARG_WEIGHTS, Reordered(w, data.weights_desc(), backward_)},
         {DNNL_ARG_DIFF_SRC, dx}});
    PassOn(node, 0, {.memory = dx});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Linear(const Graph& graph, int index,
                                           const Parameters& initial) {
  using Forward = dnnl::inner_product_forward;
  using BackwardWeights = dnnl::inner_product_backward_weights;
  using BackwardData = dnnl::inner_product_backward_data;
  const Graph::Node& node = graph.nodes()[index];
  const LinearSpec& spec = std::get<LinearLayer>(node.layer.spec()).spec;
  const memory x = values_[node.inputs[0]].data;
  const memory::desc x_desc = x.get_desc();
  if (x_desc.dims().size() != 2) Refuse(node);
  const memory::dims weight_dims = {node.output.dim(0), x_desc.dims()[1]};
  const memory::desc weight = AnyFormat(weight_dims);
  const bool has_bias = spec.has_bias;
  const memory::desc bias = has_bias ? Vector(weight_dims[0]) : memory::desc();
  const memory::desc y_desc = Nhwc({batch_, weight_dims[0]});
  const Forward::primitive_desc forward(
      {ForwardKind(), x_desc, weight, bias, y_desc},
      FusedActivation(graph, index), engine_);
  const int first = node.first_parameter;
  MakeParameter(first, memory::desc(weight_dims, kFloat, Tag::oi),
                forward.weights_desc(), initial);
  const memory w = parameters_[first].value;
  Value y = {.data = New(y_desc)};
  std::unordered_map<int, memory> arguments = {
      {DNNL_ARG_SRC, x},
      {DNNL_ARG_WEIGHTS, Reordered(w, forward.weights_desc(), forward_)},
      {DNNL_ARG_DST, y.data}};
  if (has_bias) {
    MakeParameter(first + 1, bias, bias, initial);
    arguments[DNNL_ARG_BIAS] = parameters_[first + 1].value;
  }
  Add(forward_, Forward(forward), std::move(arguments));
  y.backward = [=, this, &node](const Gradient& dy) {
    const BackwardWeights::primitive_desc weights(
        {x_desc, weight, bias, y_desc}, engine_, forward);
    Calls after;
    std::unordered_map<int, memory> gradients = {
        {DNNL_ARG_SRC, x},
        {DNNL_ARG_DIFF_DST, dy.memory},
        {DNNL_ARG_DIFF_WEIGHTS,
         ComputedIn(parameters_[first].gradient, weights.diff_weights_desc(),
                    after)}};
    if (has_bias)
      gradients[DNNL_ARG_DIFF_BIAS] = parameters_[first + 1].gradient;
    Add(backward_, BackwardWeights(weights), std::move(gradients));
    std::move(after.begin(), after.end(), std::back_inserter(backward_));
    if (!HasGradient(node, 0)) return;
    const BackwardData::primitive_desc data({x_desc, weight, y_desc}, engine_,
                                            forward);
    const memory dx = New(x_desc);
    Add(backward_, BackwardData(data),
        {{DNNL_ARG_DIFF_DST, dy.memory},
         {DNNL_ARG_WEIGHTS, Reordered(w, data.weights_desc(), backward_)},
         {DNNL_ARG_DIFF_SRC, dx}});
    PassOn(node, 0, {.memory = dx});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Activate(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const algorithm function =
      Function(node, std::get<ActivationSpec>(node.layer.spec()).kind);
  Value& x = values_[node.inputs[0]];
  const int before = graph.NodeOfValue(node.inputs[0]);
  // In place where nobody needs the input.
  const bool is_alone = OnlyReader(graph, node.inputs[0]) == index;
  const memory x_data = x.data;
  Value y = {.data = is_alone && !x.is_kept ? x_data : New(x_data.get_desc()),
             .is_kept = true};
  const memory y_data = y.data;
  const memory::desc desc = y_data.get_desc();
  const dnnl::eltwise_forward::primitive_desc forward(
      {ForwardKind(), function, desc, 0.0f, 0.0f}, engine_);
  const bool is_fused = before >= 0 && FusesNext(graph, before);
  if (!is_fused) {
    Add(forward_, dnnl::eltwise_forward(forward),
        {{DNNL_ARG_SRC, x_data}, {DNNL_ARG_DST, y_data}});
  }
  const bool is_in_normalization =
      is_fused &&
      std::holds_alternative<BatchNormSpec>(graph.nodes()[before].layer.spec());
  y.backward = [=, this, &node](const Gradient& dy) {
    if (is_in_normalization) {
      PassOn(node, 0, dy);
      return;
    }
    // The gradient's format is that of the next layer, which may differ.
    const memory dy_used = Reordered(dy.memory, desc, backward_);
    const dnnl::eltwise_backward::primitive_desc backward(
        {function, desc, desc, 0.0f, 0.0f}, engine_, forward);
    const memory dx =
        dy.is_shared && dy_used == dy.memory ? New(desc) : dy_used;
    Add(backward_, dnnl::eltwise_backward(backward),
        {{DNNL_ARG_DST, y_data},
         {DNNL_ARG_DIFF_DST, dy_used},
         {DNNL_ARG_DIFF_SRC, dx}});
    PassOn(node, 0, {.memory = dx});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Pool(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const memory x = values_[node.inputs[0]].data;
  const memory::desc x_desc = x.get_desc();
  const memory::dims in = x_desc.dims();
  if (in.size() != 4) Refuse(node);
  const memory::dims out = Dims(batch_, node.output);
  PoolSpec spec;
  if (const auto* pool = std::get_if<PoolLayer>(&node.layer.spec())) {
    if (pool->rank != kRank) Refuse(node);
    spec = pool->spec;
  } else {
    spec.kind = std::get<GlobalPoolLayer>(node.layer.spec()).kind;
    spec.window.kernel = {in[2], in[3]};
  }
  algorithm function = algorithm::pooling_max;
  if (spec.kind == PoolKind::kAverage) {
    function = spec.count_padding ? algorithm::pooling_avg_include_padding
                                  : algorithm::pooling_avg_exclude_padding;
  } else if (spec.kind != PoolKind::kMax) {
    Refuse(node);
  }
  const OneDnnWindow window(spec.window, Numbers(spec.window.kernel, 1), in,
                            out);
  if (window.dilation != memory::dims(kRank, 0)) Refuse(node);
  const memory::desc y_desc = IsNhwc(x_desc) ? Nhwc(out) : AnyFormat(out);
  const dnnl::pooling_forward::primitive_desc forward(
      {ForwardKind(), function, x_desc, y_desc, window.stride, window.kernel,
       window.before, window.after},
      engine_);
  Value y = {.data = New(forward.dst_desc())};
  std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, x},
                                               {DNNL_ARG_DST, y.data}};
  memory workspace;
  if (options_.training && function == algorithm::pooling_max) {
    workspace = New(forward.workspace_desc());
    arguments[DNNL_ARG_WORKSPACE] = workspace;
  }
  Add(forward_, dnnl::pooling_forward(forward), std::move(arguments));
  y.backward = [=, this, &node](const Gradient& dy) {
    if (!HasGradient(node, 0)) return;
    const dnnl::pooling_backward::primitive_desc backward(
        {function, x_desc, forward.dst_desc(), window.stride, window.kernel,
         window.before, window.after},
        engine_, forward);
    const memory dx = New(x_desc);
    std::unordered_map<int, memory> gradients = {
        {DNNL_ARG_DIFF_DST,
         Reordered(dy.memory, forward.dst_desc(), backward_)},
        {DNNL_ARG_DIFF_SRC, dx}};
    if (workspace) gradients[DNNL_ARG_WORKSPACE] = workspace;
    Add(backward_, dnnl::pooling_backward(backward), std::move(gradients));
    PassOn(node, 0, {.memory = dx});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Normalize(const Graph& graph, int index,
                                              const Parameters& initial) {
  using dnnl::normalization_flags;
  const Graph::Node& node = graph.nodes()[index];
  const BatchNormSpec& spec = std::get<BatchNormSpec>(node.layer.spec());
  Value& input = values_[node.inputs[0]];
  input.is_kept = true;
  const memory x = input.data;
  const memory::desc desc = x.get_desc();
  const float epsilon = static_cast<float>(spec.epsilon);
  const bool fuses = FusesNext(graph, index);
  normalization_flags flags =
      normalization_flags::use_scale | normalization_flags::use_shift;
  if (!options_.training) flags |= normalization_flags::use_global_stats;
  if (fuses) flags |= normalization_flags::fuse_norm_relu;
  const dnnl::batch_normalization_forward::primitive_desc forward(
      {ForwardKind(), desc, epsilon, flags}, engine_);
  const memory::desc numbers = Vector(desc.dims()[1]);
  const int first = node.first_parameter;
  for (int i = 0; i < 4; ++i) {
    MakeParameter(first + i, numbers, numbers, initial, /*is_trained=*/i < 2);
  }
  const memory mean =
      options_.training ? New(numbers) : parameters_[first + 2].value;
  const memory variance =
      options_.training ? New(numbers) : parameters_[first + 3].value;
  Value y = {.data = New(desc)};
  std::unordered_map<int, memory> arguments = {
      {DNNL_ARG_SRC, x},
      {DNNL_ARG_SCALE, parameters_[first].value},
      {DNNL_ARG_SHIFT, parameters_[first + 1].value},
      {DNNL_ARG_MEAN, mean},
      {DNNL_ARG_VARIANCE, variance},
      {DNNL_ARG_DST, y.data}};
  memory workspace;
  if (options_.training && fuses) {
    workspace = New(forward.workspace_desc());
    arguments[DNNL_ARG_WORKSPACE] = workspace;
  }
  Add(forward_, dnnl::batch_normalization_forward(forward),
      std::move(arguments));
  y.backward = [=, this, &node](const Gradient& dy) {
    const dnnl::batch_normalization_backward::primitive_desc backward(
        {prop_kind::backward, desc, desc, epsilon, flags}, engine_, forward);
    const memory dy_used = Reordered(dy.memory, desc, backward_);
    const memory dx = New(desc);
    std::unordered_map<int, memory> gradients = {
        {DNNL_ARG_SRC, x},
        {DNNL_ARG_SCALE, parameters_[first].value},
        {DNNL_ARG_SHIFT, parameters_[first + 1].value},
        {DNNL_ARG_MEAN, mean},
        {DNNL_ARG_VARIANCE, variance},
        {DNNL_ARG_DIFF_DST, dy_used},
        {DNNL_ARG_DIFF_SRC, dx},
        {DNNL_ARG_DIFF_SCALE, parameters_[first].gradient},
        {DNNL_ARG_DIFF_SHIFT, parameters_[first + 1].gradient}};
    if (workspace) gradients[DNNL_ARG_WORKSPACE] = workspace;
    Add(backward_, dnnl::batch_normalization_backward(backward),
        std::move(gradients));
    if (HasGradient(node, 0)) PassOn(node, 0, {.memory = dx});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Sum(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const int count = static_cast<int>(node.inputs.size());
  const memory::desc desc = values_[node.inputs[0]].data.get_desc();
  Value y = {.data = New(desc)};
  std::unordered_map<int, memory> arguments = {{DNNL_ARG_DST, y.data}};
  for (int i = 0; i < count; ++i) {
    const memory x = values_[node.inputs[i]].data;
    if (x.get_desc().dims() != desc.dims()) Refuse(node);
    arguments[DNNL_ARG_MULTIPLE_SRC + i] = Reordered(x, desc, forward_);
  }
  Add(forward_,
      dnnl::sum({desc, std::vector<float>(count, 1.0f),
                 std::vector<memory::desc>(count, desc), engine_}),
      std::move(arguments));
  y.backward = [=, this, &node](const Gradient& dy) {
    for (int i = 0; i < count; ++i) {
      if (!HasGradient(node, i)) continue;
      PassOn(node, i, {.memory = dy.memory, .is_shared = true});
    }
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Concatenate(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const auto& spec = std::get<ConcatSpec>(node.layer.spec());
  const memory::dims out = Dims(batch_, node.output);
  if (out.size() != 4 || spec.axis.value_or(kRank) != kRank) Refuse(node);
  // In blocked formats, parts would have to start at a whole block.
  Value y = {.data = New(Nhwc(out))};
  std::vector<memory::desc> descs;
  std::unordered_map<int, memory> arguments = {{DNNL_ARG_DST, y.data}};
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const memory x = values_[node.inputs[i]].data;
    const memory used = Reordered(x, Nhwc(x.get_desc().dims()), forward_);
    descs.push_back(used.get_desc());
    arguments[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i)] = used;
  }
  Add(forward_, dnnl::concat({Nhwc(out), /*axis=*/1, descs, engine_}),
      std::move(arguments));
  y.backward = [=, this, &node](const Gradient& dy) {
    const memory from = Reordered(dy.memory, Nhwc(out), backward_);
    int64_t channel = 0;
    for (size_t i = 0; i < descs.size(); ++i) {
      const memory::dims dims = descs[i].dims();
      const memory::desc part =
          Nhwc(out).submemory_desc(dims, {0, channel, 0, 0});
      channel += dims[1];
      const int input = static_cast<int>(i);
      if (!HasGradient(node, input)) continue;
      const memory dx = New(descs[i]);
      Add(backward_, dnnl::reorder({engine_, part, engine_, descs[i]}),
          {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, dx}});
      PassOn(node, input, {.memory = dx});
    }
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Pad(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const PadSpec& spec = std::get<PadSpec>(node.layer.spec());
  const memory::dims out = Dims(batch_, node.output);
  if (spec.mode != PaddingMode::kZero || out.size() != 4) Refuse(node);
  const memory::dims before = Numbers(spec.padding.before, 0);
  const memory x = values_[node.inputs[0]].data;
  const memory::desc x_desc = Nhwc(x.get_desc().dims());
  const memory::desc part =
      Nhwc(out).submemory_desc(x_desc.dims(), {0, 0, before[0], before[1]});
  Value y = {.data = New(Nhwc(out)), .is_kept = true};
  std::memset(y.data.get_data_handle(), 0, y.data.get_desc().get_size());
  Add(forward_, dnnl::reorder({engine_, x_desc, engine_, part}),
      {{DNNL_ARG_FROM, Reordered(x, x_desc, forward_)}, {DNNL_ARG_TO, y.data}});
  y.backward = [=, this, &node](const Gradient& dy) {
    if (!HasGradient(node, 0)) return;
    const memory dx = New(x_desc);
    Add(backward_, dnnl::reorder({engine_, part, engine_, x_desc}),
        {{DNNL_ARG_FROM, Reordered(dy.memory, Nhwc(out), backward_)},
         {DNNL_ARG_TO, dx}});
    PassOn(node, 0, {.memory = dx});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::DropOut(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const memory x = values_[node.inputs[0]].data;
  if (!options_.training) return {.data = x, .is_kept = true};
  const float rate =
      static_cast<float>(std::get<DropoutSpec>(node.layer.spec()).rate);
  const memory::desc desc = x.get_desc();
  const int64_t size = static_cast<int64_t>(desc.get_size() / sizeof(float));
  Value y = {.data = New(desc)};
  // What each number is multiplied by, anew in each step.
  const auto mask = std::make_shared<std::vector<float>>(size);
  const auto step = std::make_shared<uint64_t>(0);
  forward_.push_back([=, data = y.data](dnnl::stream& stream) {
    stream.wait();
    const float* from = Data(x);
    float* to = Data(data);
    float* factors = mask->data();
    const uint64_t start = ++*step * 0x9e3779b97f4a7c15;
#pragma omp parallel for
    for (int64_t i = 0; i < size; ++i) {
      const float random =
          static_cast<float>(SplitMix(start + i) >> 40) * 0x1p-24f;
      factors[i] = random < rate ? 0.0f : 1.0f / (1.0f - rate);
      to[i] = from[i] * factors[i];
    }
  });
  y.backward = [=, this, &node](const Gradient& dy) {
    if (!HasGradient(node, 0)) return;
    const memory from = Reordered(dy.memory, desc, backward_);
    const memory to = New(desc);
    backward_.push_back([=](dnnl::stream& stream) {
      stream.wait();
      const float* dy_data = Data(from);
      float* dx_data = Data(to);
#pragma omp parallel for
      for (int64_t i = 0; i < size; ++i) {
        dx_data[i] = dy_data[i] * (*mask)[i];
      }
    });
    PassOn(node, 0, {.memory = to});
  };
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Reshape(const Graph& graph, int index) {
  const Graph::Node& node = graph.nodes()[index];
  const memory x = values_[node.inputs[0]].data;
  const memory::desc x_desc = Nhwc(x.get_desc().dims());
  const memory::desc y_desc = Nhwc(Dims(batch_, node.output));
  const memory nhwc = Reordered(x, x_desc, forward_);
  kept_.push_back(nhwc);
  Value y = {.data = memory(y_desc, engine_, nhwc.get_data_handle()),
             .is_kept = true};
  y.backward = [=, this, &node](const Gradient& dy) {
    if (!HasGradient(node, 0)) return;
    const memory from = Reordered(dy.memory, y_desc, backward_);
    kept_.push_back(from);
    PassOn(node, 0,
           {.memory = memory(x_desc, engine_, from.get_data_handle()),
            .is_shared = dy.is_shared});
  };
  return y;
}

}  // namespace lenslet::peers
