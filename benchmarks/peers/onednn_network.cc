#include "lenslet/benchmarks/peers/onednn_network.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "lenslet/benchmarks/peers/network.h"

namespace lenslet::peers {
namespace {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Tag = dnnl::memory::format_tag;

constexpr memory::data_type kFloat = memory::data_type::f32;

memory::desc AnyFormat(const memory::dims& dims) {
  return memory::desc(dims, kFloat, Tag::any);
}

memory::desc Nhwc(const memory::dims& dims) {
  return memory::desc(dims, kFloat, Tag::nhwc);
}

}  // namespace

OneDnnNetwork::OneDnnNetwork(const Workload& workload, int64_t batch,
                             const OneDnnOptions& options,
                             const dnnl::engine& engine,
                             const Parameters& initial,
                             std::vector<OneDnnParameter>& parameters)
    : workload_(workload),
      options_(options),
      engine_(engine),
      stream_(engine),
      parameters_(parameters) {
  const int64_t width = workload.width;
  const int64_t side = workload.image_size;
  // Nobody asks for the gradient by the images.
  // With one channel, NCHW and NHWC are the same numbers; but oneDNN has fast
  // convolutions only for the one that goes with the output's format.
  input_.data =
      memory(memory::desc(
                 {batch, 1, side, side}, kFloat,
                 options.format == OneDnnFormat::kNhwc ? Tag::nhwc : Tag::nchw),
             engine);
  Value x = Convolution(input_, 6 * width, /*padding=*/2, 0, initial);
  Activate(x);
  x = Pool(x);
  x = Convolution(x, 16 * width, /*padding=*/0, 2, initial);
  Activate(x);
  x = Pool(x);
  x = Flatten(x);
  x = Linear(x, 120 * width, /*activation=*/true, 4, initial);
  Activate(x);
  x = Linear(x, 84 * width, /*activation=*/true, 6, initial);
  Activate(x);
  scores_ = Linear(x, kClasses, /*activation=*/false, 8, initial);
}

OneDnnNetwork::Value OneDnnNetwork::MakeValue(const memory::desc& desc) const {
  return {.data = memory(desc, engine_),
          .gradient = options_.training ? memory(desc, engine_) : memory()};
}

void OneDnnNetwork::Run(const std::vector<Call>& calls) {
  for (const Call& call : calls) {
    call.primitive.execute(stream_, call.arguments);
  }
  stream_.wait();
}

memory OneDnnNetwork::Reordered(const memory& from, const memory::desc& desc,
                                std::vector<Call>& calls) {
  if (from.get_desc() == desc) return from;
  memory to(desc, engine_);
  calls.push_back(
      {dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
  return to;
}

memory OneDnnNetwork::GradientMemory(const memory& to, const memory::desc& desc,
                                     std::vector<Call>& after) {
  if (to.get_desc() == desc) return to;
  memory from(desc, engine_);
  after.push_back(
      {dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
  return from;
}

void OneDnnNetwork::MakeParameter(size_t index, const memory::desc& lenslet,
                                  const memory::desc& wanted,
                                  const Parameters& initial) {
  if (index < parameters_.size()) return;
  memory source(lenslet, engine_);
  const absl::Span<const float> values =
      initial.view(static_cast<int>(index)).span();
  std::copy(values.begin(), values.end(), Data(source));
  OneDnnParameter parameter = {.value = memory(wanted, engine_),
                               .gradient = memory(wanted, engine_)};
  dnnl::reorder(source, parameter.value)
      .execute(stream_, source, parameter.value);
  stream_.wait();
  // Blocked formats have gaps, which SGD updates along with the rest.
  std::memset(parameter.gradient.get_data_handle(), 0, wanted.get_size());
  parameters_.push_back(std::move(parameter));
}

dnnl::primitive_attr OneDnnNetwork::FusedActivation(bool fuse) const {
  dnnl::primitive_attr attributes;
  if (fuse) {
    dnnl::post_ops operations;
    operations.append_eltwise(1.0f,
                              workload_.activation == Activation::kSigmoid
                                  ? algorithm::eltwise_logistic
                                  : algorithm::eltwise_relu,
                              0.0f, 0.0f);
    attributes.set_post_ops(operations);
  }
  return attributes;
}

void OneDnnNetwork::PrependBackward(std::vector<Call> calls) {
  backward_.insert(backward_.begin(), std::make_move_iterator(calls.begin()),
                   std::make_move_iterator(calls.end()));
}

OneDnnNetwork::Value OneDnnNetwork::Convolution(const Value& x, int64_t outputs,
                                                int64_t padding, size_t index,
                                                const Parameters& initial) {
  using Forward = dnnl::convolution_forward;
  using BackwardWeights = dnnl::convolution_backward_weights;
  using BackwardData = dnnl::convolution_backward_data;
  const memory::dims in = x.data.get_desc().dims();
  const int64_t kernel = 5;
  const int64_t side = in[2] + 2 * padding - kernel + 1;
  const memory::dims out = {in[0], outputs, side, side};
  const memory::dims strides = {1, 1};
  const memory::dims pad = {padding, padding};
  const memory::desc weight = AnyFormat({outputs, in[1], kernel, kernel});
  const memory::desc bias({outputs}, kFloat, Tag::x);
  const bool any_format =
      options_.format == OneDnnFormat::kAny ||
      (options_.format == OneDnnFormat::kMixed && index == 0);
  const memory::desc x_desc = any_format ? AnyFormat(in) : Nhwc(in);
  const memory::desc y_desc = any_format ? AnyFormat(out) : Nhwc(out);
  const Forward::primitive_desc forward(
      {options_.training ? prop_kind::forward_training
                         : prop_kind::forward_inference,
       algorithm::convolution_direct, x_desc, weight, bias, y_desc, strides,
       pad, pad},
      FusedActivation(options_.fuse), engine_);
  MakeParameter(index, memory::desc(weight.dims(), kFloat, Tag::ohwi),
                forward.weights_desc(), initial);
  MakeParameter(index + 1, bias, bias, initial);
  const OneDnnParameter& w = parameters_[index];
  const OneDnnParameter& b = parameters_[index + 1];
  const Value y = MakeValue(forward.dst_desc());
  const memory x_used = Reordered(x.data, forward.src_desc(), forward_);
  const memory w_used = Reordered(w.value, forward.weights_desc(), forward_);
  forward_.push_back({Forward(forward),
                      {{DNNL_ARG_SRC, x_used},
                       {DNNL_ARG_WEIGHTS, w_used},
                       {DNNL_ARG_BIAS, b.value},
                       {DNNL_ARG_DST, y.data}}});
  if (!options_.training) return y;

  std::vector<Call> calls;
  const BackwardWeights::primitive_desc weights(
      {algorithm::convolution_direct, x_desc, weight, bias, y_desc, strides,
       pad, pad},
      engine_, forward);
  std::vector<Call> after;
  const memory dw =
      GradientMemory(w.gradient, weights.diff_weights_desc(), after);
  const memory x_for_weights = Reordered(x_used, weights.src_desc(), calls);
  const memory dy = Reordered(y.gradient, weights.diff_dst_desc(), calls);
  calls.push_back({BackwardWeights(weights),
                   {{DNNL_ARG_SRC, x_for_weights},
                    {DNNL_ARG_DIFF_DST, dy},
                    {DNNL_ARG_DIFF_WEIGHTS, dw},
                    {DNNL_ARG_DIFF_BIAS, b.gradient}}});
  std::move(after.begin(), after.end(), std::back_inserter(calls));
  if (x.gradient) {
    const BackwardData::primitive_desc data(
        {algorithm::convolution_direct, x_desc, weight, y_desc, strides, pad,
         pad},
        engine_, forward);
    std::vector<Call> after_data;
    const memory dx =
        GradientMemory(x.gradient, data.diff_src_desc(), after_data);
    const memory w_for_data = Reordered(w.value, data.weights_desc(), calls);
    const memory dy_for_data =
        Reordered(y.gradient, data.diff_dst_desc(), calls);
    calls.push_back({BackwardData(data),
                     {{DNNL_ARG_DIFF_DST, dy_for_data},
                      {DNNL_ARG_WEIGHTS, w_for_data},
                      {DNNL_ARG_DIFF_SRC, dx}}});
    std::move(after_data.begin(), after_data.end(), std::back_inserter(calls));
  }
  PrependBackward(std::move(calls));
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Linear(const Value& x, int64_t outputs,
                                           bool activation, size_t index,
                                           const Parameters& initial) {
  using Forward = dnnl::inner_product_forward;
  using BackwardWeights = dnnl::inner_product_backward_weights;
  using BackwardData = dnnl::inner_product_backward_data;
  const memory::desc x_desc = x.data.get_desc();
  const memory::dims weight_dims = {outputs, x_desc.dims()[1]};
  const memory::desc weight = AnyFormat(weight_dims);
  const memory::desc bias({outputs}, kFloat, Tag::x);
  const memory::desc y_desc({x_desc.dims()[0], outputs}, kFloat, Tag::nc);
  const Forward::primitive_desc forward(
      {options_.training ? prop_kind::forward_training
                         : prop_kind::forward_inference,
       x_desc, weight, bias, y_desc},
      FusedActivation(options_.fuse && activation), engine_);
  MakeParameter(index, memory::desc(weight_dims, kFloat, Tag::oi),
                forward.weights_desc(), initial);
  MakeParameter(index + 1, bias, bias, initial);
  const OneDnnParameter& w = parameters_[index];
  const OneDnnParameter& b = parameters_[index + 1];
  const Value y = MakeValue(y_desc);
  const memory w_used = Reordered(w.value, forward.weights_desc(), forward_);
  forward_.push_back({Forward(forward),
                      {{DNNL_ARG_SRC, x.data},
                       {DNNL_ARG_WEIGHTS, w_used},
                       {DNNL_ARG_BIAS, b.value},
                       {DNNL_ARG_DST, y.data}}});
  if (!options_.training) return y;

  std::vector<Call> calls;
  std::vector<Call> after;
  const BackwardWeights::primitive_desc weights({x_desc, weight, bias, y_desc},
                                                engine_, forward);
  const memory dw =
      GradientMemory(w.gradient, weights.diff_weights_desc(), after);
  calls.push_back({BackwardWeights(weights),
                   {{DNNL_ARG_SRC, x.data},
                    {DNNL_ARG_DIFF_DST, y.gradient},
                    {DNNL_ARG_DIFF_WEIGHTS, dw},
                    {DNNL_ARG_DIFF_BIAS, b.gradient}}});
  std::move(after.begin(), after.end(), std::back_inserter(calls));
  const BackwardData::primitive_desc data({x_desc, weight, y_desc}, engine_,
                                          forward);
  const memory w_for_data = Reordered(w.value, data.weights_desc(), calls);
  calls.push_back({BackwardData(data),
                   {{DNNL_ARG_DIFF_DST, y.gradient},
                    {DNNL_ARG_WEIGHTS, w_for_data},
                    {DNNL_ARG_DIFF_SRC, x.gradient}}});
  PrependBackward(std::move(calls));
  return y;
}

void OneDnnNetwork::Activate(const Value& x) {
  // Backward from the output, so that it may take the input's place.
  const algorithm function = workload_.activation == Activation::kSigmoid
                                 ? algorithm::eltwise_logistic_use_dst_for_bwd
                                 : algorithm::eltwise_relu_use_dst_for_bwd;
  const memory::desc desc = x.data.get_desc();
  const dnnl::eltwise_forward::primitive_desc forward(
      {options_.training ? prop_kind::forward_training
                         : prop_kind::forward_inference,
       function, desc, 0.0f, 0.0f},
      engine_);
  if (!options_.fuse) {
    forward_.push_back({dnnl::eltwise_forward(forward),
                        {{DNNL_ARG_SRC, x.data}, {DNNL_ARG_DST, x.data}}});
  }
  if (!options_.training) return;
  const dnnl::eltwise_backward::primitive_desc backward(
      {function, desc, desc, 0.0f, 0.0f}, engine_, forward);
  PrependBackward({{dnnl::eltwise_backward(backward),
                    {{DNNL_ARG_DST, x.data},
                     {DNNL_ARG_DIFF_DST, x.gradient},
                     {DNNL_ARG_DIFF_SRC, x.gradient}}}});
}

OneDnnNetwork::Value OneDnnNetwork::Pool(const Value& x) {
  const algorithm function = workload_.activation == Activation::kSigmoid
                                 ? algorithm::pooling_avg_exclude_padding
                                 : algorithm::pooling_max;
  const memory::desc x_desc = x.data.get_desc();
  const memory::dims in = x_desc.dims();
  const memory::dims out = {in[0], in[1], in[2] / 2, in[3] / 2};
  const memory::desc y_desc = x_desc == Nhwc(in) ? Nhwc(out) : AnyFormat(out);
  const memory::dims window = {2, 2};
  const memory::dims padding = {0, 0};
  const dnnl::pooling_forward::primitive_desc forward(
      {options_.training ? prop_kind::forward_training
                         : prop_kind::forward_inference,
       function, x_desc, y_desc, window, window, padding, padding},
      engine_);
  const Value y = MakeValue(forward.dst_desc());
  Call call = {dnnl::pooling_forward(forward),
               {{DNNL_ARG_SRC, x.data}, {DNNL_ARG_DST, y.data}}};
  const bool has_workspace =
      options_.training && workload_.activation == Activation::kRelu;
  memory workspace;
  if (has_workspace) {
    workspace = memory(forward.workspace_desc(), engine_);
    call.arguments[DNNL_ARG_WORKSPACE] = workspace;
  }
  forward_.push_back(std::move(call));
  if (!options_.training) return y;
  const dnnl::pooling_backward::primitive_desc backward(
      {function, x_desc, forward.dst_desc(), window, window, padding, padding},
      engine_, forward);
  Call backward_call = {
      dnnl::pooling_backward(backward),
      {{DNNL_ARG_DIFF_DST, y.gradient}, {DNNL_ARG_DIFF_SRC, x.gradient}}};
  if (has_workspace) {
    backward_call.arguments[DNNL_ARG_WORKSPACE] = workspace;
  }
  PrependBackward({std::move(backward_call)});
  return y;
}

OneDnnNetwork::Value OneDnnNetwork::Flatten(const Value& x) {
  const memory::dims dims = x.data.get_desc().dims();
  Value nhwc = x;
  if (x.data.get_desc() != Nhwc(dims)) {
    nhwc = MakeValue(Nhwc(dims));
    forward_.push_back({dnnl::reorder(x.data, nhwc.data),
                        {{DNNL_ARG_FROM, x.data}, {DNNL_ARG_TO, nhwc.data}}});
    if (options_.training) {
      PrependBackward(
          {{dnnl::reorder(nhwc.gradient, x.gradient),
            {{DNNL_ARG_FROM, nhwc.gradient}, {DNNL_ARG_TO, x.gradient}}}});
    }
  }
  // Linear layers of two dimensions have faster kernels. The memory is that of
  // `nhwc`, which calls refer to as long as the network is there.
  const memory::desc flat({dims[0], dims[1] * dims[2] * dims[3]}, kFloat,
                          Tag::nc);
  Value y = {.data = memory(flat, engine_, nhwc.data.get_data_handle()),
             .gradient = memory()};
  if (options_.training) {
    y.gradient = memory(flat, engine_, nhwc.gradient.get_data_handle());
  }
  return y;
}

}  // namespace lenslet::peers
