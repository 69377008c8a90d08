#include "lenslet/onnx/export_layers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

// Deeper than any number that a network computes, shallower than what would
// make an infinity of a sum.
constexpr float kBelowAll = -1e30f;

int64_t ChannelsOf(const OnnxValue& value) {
  return value.shape.dim(value.shape.rank() - 1);
}

// The positions of an image [..., C].
int64_t PositionsOf(const Shape& image) {
  return image.elements() / image.dim(image.rank() - 1);
}

// Whether the numbers of an image have the same order with channels first and
// last.
bool OrdersAgree(const Shape& image) {
  return image.rank() < 2 || image.dim(image.rank() - 1) == 1 ||
         PositionsOf(image) == 1;
}

// The sizes after the batch's, as ONNX has them.
Ints ChannelsFirst(const Shape& image) {
  Ints sizes(image.dims().begin(), image.dims().end());
  if (image.rank() > 1) {
    std::rotate(sizes.begin(), sizes.end() - 1, sizes.end());
  }
  return sizes;
}

// A shape for Reshape, which copies the batch's size.
Ints WithBatch(const Ints& sizes) {
  Ints shape = {0};
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  return shape;
}

std::string ToChannelsLast(const std::string& x, int rank,
                           GraphWriter& writer) {
  Ints order = {0};
  for (int axis = 2; axis <= rank; ++axis) order.push_back(axis);
  order.push_back(1);
  return writer.Transpose(x, order);
}

std::string ToChannelsFirst(const std::string& x, int rank,
                            GraphWriter& writer) {
  Ints order = {0, rank};
  for (int axis = 1; axis < rank; ++axis) order.push_back(axis);
  return writer.Transpose(x, order);
}

Ints AxesOf(const Axes& axes) { return Ints(axes.begin(), axes.end()); }

// The last `rank` of a geometry's three axes.
Ints InnerOf(const Axes& axes, int rank) {
  return Ints(axes.end() - rank, axes.end());
}

Ints Joined(Ints a, const Ints& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bool AnyIsNot(const Ints& numbers, int64_t value) {
  return std::any_of(numbers.begin(), numbers.end(),
                     [&](int64_t number) { return number != value; });
}

// The attributes of a window. Those that have their default are left out.
OnnxAttributes WindowAttributes(const Ints& kernel, const Ints& stride,
                                const Ints& dilation, const Ints& pads) {
  OnnxAttributes attributes;
  if (AnyIsNot(dilation, 1)) attributes.emplace_back("dilations", dilation);
  attributes.emplace_back("kernel_shape", kernel);
  if (AnyIsNot(pads, 0)) attributes.emplace_back("pads", pads);
  if (AnyIsNot(stride, 1)) attributes.emplace_back("strides", stride);
  return attributes;
}

// Pads the spatial axes of an image.
std::string PadImage(const std::string& x, const Ints& before,
                     const Ints& after, const char* mode, float value,
                     GraphWriter& writer) {
  return writer.Pad(x, Joined(Joined({0, 0}, before), Joined({0, 0}, after)),
                    mode, value);
}

const char* ModeName(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kZero:
      return "constant";
    case PaddingMode::kReflect:
      return "reflect";
    case PaddingMode::kReplicate:
      return "edge";
  }
  return "constant";
}

// Writes one layer.
class LayerWriter {
 public:
  LayerWriter(const Graph::Node& node, const Parameters& parameters,
              std::vector<OnnxValue> inputs, GraphWriter& writer)
      : node_(node),
        parameters_(parameters),
        inputs_(std::move(inputs)),
        writer_(writer) {}

  absl::StatusOr<OnnxValue> Write() {
    return std::visit(
        [&](const auto& layer) -> absl::StatusOr<OnnxValue> {
          return WriteKind(layer);
        },
        node_.layer.spec());
  }

 private:
  using Result = absl::StatusOr<OnnxValue>;

  const std::string& x() const { return inputs_[0].name; }
  const Shape& image() const { return inputs_[0].shape; }
  int spatial_rank() const { return image().rank() - 1; }

  OnnxValue Output(std::string name) const {
    return {.name = std::move(name), .shape = node_.output};
  }
  // The output of a layer that treats each number alike.
  OnnxValue Pointwise(std::string name) const {
    return {.name = std::move(name),
            .shape = node_.output,
            .unordered = inputs_[0].unordered};
  }
  Result NeedsOpset(int version, absl::string_view why) const {
    return absl::UnimplementedError(absl::StrCat(
        node_.layer.type(), " needs version ", version, " of the operators, ",
        why, "; the opset is ", writer_.opset()));
  }
  void PutInputsInOrder() {
    for (OnnxValue& input : inputs_) input = InOrder(input, writer_);
  }

  View<const float> parameter(int i) const {
    return parameters_.view(node_.first_parameter + i);
  }
  const std::string& parameter_name(int i) const {
    return parameters_.info(node_.first_parameter + i).name;
  }
  // The parameter, as it is, with one dimension.
  std::string WriteVector(int i) {
    return writer_.Floats(parameter_name(i), {parameter(i).size()},
                          parameter(i).span());
  }
  // The same for a parameter with a number for each feature of input 0.
  std::string WriteFeatures(int i) {
    const Shape& unordered = inputs_[0].unordered;
    if (unordered.rank() == 0) return WriteVector(i);
    const int64_t channels = unordered.dim(unordered.rank() - 1);
    return writer_.Floats(parameter_name(i), {parameter(i).size()},
                          TransposeEach(parameter(i).span(), 1,
                                        PositionsOf(unordered), channels));
  }

  // The weight [outputs, channels, taps...] of a convolution.
  std::string WriteFilter(const ConvLayer& conv) {
    const ConvSpec& spec = conv.spec;
    const int64_t taps = [&] {
      int64_t product = 1;
      for (const int64_t size : spec.window.kernel) product *= size;
      return product;
    }();
    const int64_t channels = ChannelsOf(inputs_[0]) / spec.groups;
    std::vector<float> filter;
    if (spec.connections.empty()) {
      filter = TransposeEach(parameter(0).span(), spec.output_channels, taps,
                             channels);
    } else {
      filter.resize(spec.output_channels * channels * taps);
      const float* pair = parameter(0).data();
      for (size_t k = 0; k < spec.connections.size(); ++k) {
        for (const int64_t c : spec.connections[k]) {
          std::copy_n(pair, taps, &filter[(k * channels + c) * taps]);
          pair += taps;
        }
      }
    }
    if (spec.flip) {
      for (size_t i = 0; i < filter.size(); i += taps) {
        std::reverse(&filter[i], &filter[i] + taps);
      }
    }
    return writer_.Floats(
        parameter_name(0),
        Joined({spec.output_channels, channels}, AxesOf(spec.window.kernel)),
        filter);
  }

  Result WriteKind(const ConvLayer& conv) {
    const Window& window = node_.window;
    Ints pads =
        Joined(AxesOf(window.padding.before), AxesOf(window.padding.after));
    std::string x = this->x();
    if (conv.spec.padding_mode != PaddingMode::kZero && AnyIsNot(pads, 0)) {
      x = PadImage(x, AxesOf(window.padding.before),
                   AxesOf(window.padding.after),
                   ModeName(conv.spec.padding_mode), 0, writer_);
      pads.assign(pads.size(), 0);
    }
    std::vector<std::string> inputs = {x, WriteFilter(conv)};
    if (conv.spec.has_bias) inputs.push_back(WriteVector(1));
    OnnxAttributes attributes =
        WindowAttributes(AxesOf(window.kernel), AxesOf(window.stride),
                         AxesOf(window.dilation), pads);
    if (conv.spec.groups != 1) {
      attributes.emplace_back("group", conv.spec.groups);
    }
    return Output(writer_.Add("Conv", std::move(inputs), attributes));
  }

  Result WriteKind(const ConvTransposeLayer& conv) {
    const ConvTransposeSpec& spec = conv.spec;
    LENSLET_ASSIGN_OR_RETURN(const Window window,
                             Resolve(spec.window, Axes::Filled(conv.rank, 1)));
    const Ints kernel = AxesOf(window.kernel);
    const int64_t channels = ChannelsOf(inputs_[0]);
    // [outputs, taps, channels] to [channels, outputs, taps].
    const std::vector<float> filter = TransposeEach(
        parameter(0).span(), 1, parameter(0).size() / channels, channels);
    std::vector<std::string> inputs = {
        x(), writer_.Floats(parameter_name(0),
                            Joined({channels, spec.output_channels}, kernel),
                            filter)};
    if (spec.has_bias) inputs.push_back(WriteVector(1));
    OnnxAttributes attributes = WindowAttributes(
        kernel, AxesOf(window.stride), AxesOf(window.dilation),
        Joined(AxesOf(window.padding.before), AxesOf(window.padding.after)));
    if (const Ints added = AxesOf(spec.output_padding); AnyIsNot(added, 0)) {
      attributes.emplace_back("output_padding", added);
    }
    return Output(writer_.Add("ConvTranspose", std::move(inputs), attributes));
  }

  Result WriteKind(const LinearLayer& linear) {
    const int64_t outputs = linear.spec.output_features;
    const int64_t features = ChannelsOf(inputs_[0]);
    const bool has_bias = linear.spec.has_bias;
    if (image().rank() == 1) {
      const Shape& unordered = inputs_[0].unordered;
      std::vector<float> weight(parameter(0).span().begin(),
                                parameter(0).span().end());
      if (unordered.rank() > 0) {
        weight = TransposeEach(weight, outputs, PositionsOf(unordered),
                               unordered.dim(unordered.rank() - 1));
      }
      std::vector<std::string> inputs = {
          x(), writer_.Floats(parameter_name(0), {outputs, features}, weight)};
      if (has_bias) {
        inputs.push_back(WriteVector(1));
      } else if (writer_.opset() < 11) {  // There, the bias is required.
        inputs.push_back(writer_.Scalar(absl::StrCat(node_.name, ".bias"), 0));
      }
      return Output(
          writer_.Add("Gemm", std::move(inputs), {{"transB", int64_t{1}}}));
    }
    if (spatial_rank() > Axes::kMaxRank) {
      return absl::UnimplementedError(
          absl::StrCat("Linear of an input of shape ", image().ToString(),
                       "; expected at most ", Axes::kMaxRank,
                       " dimensions before channels"));
    }
    // Each position by itself: a convolution with a window of one position.
    const Ints ones(spatial_rank(), 1);
    const std::vector<float> weight(parameter(0).span().begin(),
                                    parameter(0).span().end());
    std::vector<std::string> inputs = {
        x(), writer_.Floats(parameter_name(0),
                            Joined({outputs, features}, ones), weight)};
    if (has_bias) inputs.push_back(WriteVector(1));
    return Output(
        writer_.Add("Conv", std::move(inputs), {{"kernel_shape", ones}}));
  }

  Result WriteKind(const PoolLayer& pool) { return WritePool(pool.spec); }

  Result WriteKind(const AdaptivePoolLayer& pool) {
    const Axes output = pool.output.rank() == 1
                            ? Axes::Filled(spatial_rank(), pool.output[0])
                            : pool.output;
    return WritePool({.kind = pool.kind, .output = output});
  }

  Result WriteKind(const GlobalPoolLayer& pool) {
    return Output(writer_.Add(
        pool.kind == PoolKind::kMax ? "GlobalMaxPool" : "GlobalAveragePool",
        {x()}));
  }

  Result WritePool(const PoolSpec& spec) {
    LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry,
                             Resolve(spec, image()));
    if (geometry.adaptive) return WriteAdaptivePool(geometry);
    const int rank = spatial_rank();
    const Window& window = geometry.window;
    const Ints kernel = InnerOf(window.kernel, rank);
    const Ints stride = InnerOf(window.stride, rank);
    const Ints dilation = InnerOf(window.dilation, rank);
    const Ints before = InnerOf(window.padding.before, rank);
    // A window that rounding up added may reach beyond the padding. Padding
    // that reaches as far makes every version's rounding the same.
    const Ints padding_after = InnerOf(window.padding.after, rank);
    Ints after = padding_after;
    for (int i = 0; i < rank; ++i) {
      const int axis = 3 - rank + i;
      const int64_t end = (geometry.output[axis] - 1) * stride[i] +
                          Extent(window, axis) - before[i] -
                          geometry.input[axis];
      after[i] = std::max(after[i], end);
    }
    const bool dilates = AnyIsNot(dilation, 1);
    const bool pads = AnyIsNot(before, 0) || AnyIsNot(padding_after, 0);
    OnnxAttributes attributes =
        WindowAttributes(kernel, stride, dilation, Joined(before, after));
    // Runtimes refuse as much padding as a kernel has taps, even if dilations
    // make the window larger.
    bool pads_kernels = false;
    for (int i = 0; i < rank; ++i) {
      pads_kernels |= std::max(before[i], after[i]) >= kernel[i];
    }
    switch (spec.kind) {
      case PoolKind::kMax:
      case PoolKind::kMin: {
        if (dilates && writer_.opset() < 10) {
          return NeedsOpset(10, "MaxPool with dilations");
        }
        const bool is_max = spec.kind == PoolKind::kMax;
        std::string x = is_max ? this->x() : writer_.Add("Neg", {this->x()});
        if (pads_kernels) {
          x = PadImage(x, before, after, "constant", kBelowAll, writer_);
          attributes =
              WindowAttributes(kernel, stride, dilation, Ints(2 * rank, 0));
        }
        const std::string largest = writer_.Add("MaxPool", {x}, attributes);
        return Output(is_max ? largest : writer_.Add("Neg", {largest}));
      }
      case PoolKind::kAverage:
        if (dilates || pads_kernels ||
            (pads && spec.count_padding && after != padding_after)) {
          return WriteAverageAsConv(geometry, attributes);
        }
        if (pads && spec.count_padding) {
          attributes.emplace_back("count_include_pad", int64_t{1});
        }
        return Output(writer_.Add("AveragePool", {x()}, attributes));
      case PoolKind::kSoftmax:
        return WriteSoftmaxPool(geometry, before, after);
    }
    return absl::InternalError("unknown pooling");
  }

  // Sums by a depthwise convolution with ones, times 1 / n of each position.
  Result WriteAverageAsConv(const PoolGeometry& geometry,
                            OnnxAttributes attributes) {
    const int rank = spatial_rank();
    int64_t taps = 1;
    for (const int64_t size : geometry.window.kernel) taps *= size;
    attributes.emplace_back("group", geometry.channels);
    const std::string ones = writer_.Floats(
        absl::StrCat(node_.name, ".ones"),
        Joined({geometry.channels, 1}, InnerOf(geometry.window.kernel, rank)),
        std::vector<float>(geometry.channels * taps, 1.0f));
    std::vector<float> factors;
    for (int64_t d = 0; d < geometry.output[0]; ++d) {
      for (int64_t h = 0; h < geometry.output[1]; ++h) {
        for (int64_t w = 0; w < geometry.output[2]; ++w) {
          const int64_t n = TapsAt(geometry, 0, d).divisor *
                            TapsAt(geometry, 1, h).divisor *
                            TapsAt(geometry, 2, w).divisor;
          factors.push_back(1.0f / static_cast<float>(n));
        }
      }
    }
    return Output(writer_.Add(
        "Mul", {writer_.Add("Conv", {x(), ones}, attributes),
                writer_.Floats(absl::StrCat(node_.name, ".factors"),
                               Joined({1, 1}, InnerOf(geometry.output, rank)),
                               factors)}));
  }

  // Collects the taps of all windows along a new last axis.
  Result WriteSoftmaxPool(const PoolGeometry& geometry, const Ints& before,
                          const Ints& after) {
    const int rank = spatial_rank();
    const Ints kernel = InnerOf(geometry.window.kernel, rank);
    const Ints stride = InnerOf(geometry.window.stride, rank);
    const Ints dilation = InnerOf(geometry.window.dilation, rank);
    const Ints output = InnerOf(geometry.output, rank);
    if (AnyIsNot(stride, 1) && !writer_.CanSliceInSteps()) {
      return NeedsOpset(10, "Slice with steps");
    }
    std::string x = this->x();
    if (AnyIsNot(before, 0) || AnyIsNot(after, 0)) {
      // Their exponentials are 0.
      x = PadImage(x, before, after, "constant", kBelowAll, writer_);
    }
    Ints axes;
    for (int i = 0; i < rank; ++i) axes.push_back(2 + i);
    std::vector<std::string> taps;
    for (Ints tap(rank, 0);;) {
      Ints begins, ends;
      for (int i = 0; i < rank; ++i) {
        begins.push_back(tap[i] * dilation[i]);
        ends.push_back(begins[i] + (output[i] - 1) * stride[i] + 1);
      }
      taps.push_back(writer_.Unsqueeze(
          writer_.Slice(x, axes, begins, ends, stride), rank + 2));
      int i = rank - 1;
      while (i >= 0 && ++tap[i] == kernel[i]) tap[i--] = 0;
      if (i < 0) break;
    }
    const int64_t last = rank + 2;
    const std::string all = writer_.Add("Concat", taps, {{"axis", last}});
    const std::string scaled = writer_.Add(
        "Mul", {all, writer_.Scalar(absl::StrCat(node_.name, ".inverse"),
                                    InverseTemperature(geometry))});
    const std::string weights =
        writer_.Add("Softmax", {scaled}, {{"axis", last}});
    return Output(writer_.Reduce("ReduceSum",
                                 writer_.Add("Mul", {weights, all}), {last},
                                 /*keep_axes=*/false));
  }

  // Windows of different sizes: axis by axis, one window after another.
  Result WriteAdaptivePool(const PoolGeometry& geometry) {
    const char* reduce =
        geometry.kind == PoolKind::kMax ? "ReduceMax" : "ReduceMean";
    const int rank = spatial_rank();
    std::string x = this->x();
    for (int i = 0; i < rank; ++i) {
      const int axis = 3 - rank + i;
      const int64_t onnx_axis = 2 + i;
      std::vector<std::string> windows;
      for (int64_t o = 0; o < geometry.output[axis]; ++o) {
        const PoolTaps taps = TapsAt(geometry, axis, o);
        const std::string part = writer_.Slice(x, {onnx_axis}, {taps.first},
                                               {taps.first + taps.count}, {1});
        windows.push_back(
            writer_.Reduce(reduce, part, {onnx_axis}, /*keep_axes=*/true));
      }
      x = windows.size() == 1
              ? windows[0]
              : writer_.Add("Concat", windows, {{"axis", onnx_axis}});
    }
    return Output(x);
  }

  Result WriteKind(const ActivationSpec& spec) {
    switch (spec.kind) {
      case ActivationKind::kSigmoid:
        return Pointwise(writer_.Add("Sigmoid", {x()}));
      case ActivationKind::kTanh:
        return Pointwise(writer_.Add("Tanh", {x()}));
      case ActivationKind::kRelu:
        return Pointwise(writer_.Add("Relu", {x()}));
      case ActivationKind::kLeakyRelu:
        return Pointwise(
            writer_.Add("LeakyRelu", {x()}, {{"alpha", spec.slope}}));
      case ActivationKind::kElu:
        return Pointwise(writer_.Add("Elu", {x()}, {{"alpha", spec.alpha}}));
      case ActivationKind::kGelu:
        return WriteGelu();
      case ActivationKind::kSilu:
        return Pointwise(
            writer_.Add("Mul", {x(), writer_.Add("Sigmoid", {x()})}));
      case ActivationKind::kSoftplus:
        return Pointwise(writer_.Add("Softplus", {x()}));
      case ActivationKind::kClip:
        return WriteClip(spec);
      case ActivationKind::kHardSigmoid:
        return Pointwise(WriteHardSigmoid(spec));
      case ActivationKind::kHardSwish:
        if (writer_.opset() >= 14) {
          return Pointwise(writer_.Add("HardSwish", {x()}));
        }
        return Pointwise(writer_.Add(
            "Mul",
            {x(), WriteHardSigmoid({.kind = ActivationKind::kHardSigmoid})}));
    }
    return absl::InternalError("unknown activation");
  }

  // Bounds that are ONNX's defaults are left out.
  Result WriteClip(const ActivationSpec& spec) {
    constexpr float kLargest = std::numeric_limits<float>::max();
    const bool has_min = spec.min > -kLargest;
    const bool has_max = spec.max < kLargest;
    if (spec.min == 0 && !has_max) return Pointwise(writer_.Add("Relu", {x()}));
    if (writer_.opset() < 11) {
      OnnxAttributes attributes;
      if (has_max) attributes.emplace_back("max", spec.max);
      if (has_min) attributes.emplace_back("min", spec.min);
      return Pointwise(writer_.Add("Clip", {x()}, attributes));
    }
    const auto bound = [&](const char* name, float value) {
      return writer_.Scalar(absl::StrCat(node_.name, "/", name), value);
    };
    std::vector<std::string> inputs = {x()};
    if (has_min || has_max) {
      inputs.push_back(has_min ? bound("min", spec.min) : "");
    }
    if (has_max) inputs.push_back(bound("max", spec.max));
    return Pointwise(writer_.Add("Clip", std::move(inputs)));
  }

  std::string WriteHardSigmoid(const ActivationSpec& spec) {
    return writer_.Add("HardSigmoid", {x()},
                       {{"alpha", spec.hard_slope}, {"beta", spec.offset}});
  }

  // x * Phi(x), with Phi(x) = (1 + erf(x / sqrt(2))) / 2.
  Result WriteGelu() {
    if (writer_.opset() >= 20) return Pointwise(writer_.Add("Gelu", {x()}));
    if (writer_.opset() < 9) return NeedsOpset(9, "the first with Erf");
    const auto scalar = [&](const char* name, float value) {
      return writer_.Scalar(absl::StrCat(node_.name, "/", name), value);
    };
    const std::string erf = writer_.Add(
        "Erf", {writer_.Add("Div", {x(), scalar("sqrt2", std::sqrt(2.0f))})});
    const std::string twice_phi = writer_.Add("Add", {erf, scalar("one", 1)});
    return Pointwise(writer_.Add(
        "Mul", {writer_.Add("Mul", {x(), twice_phi}), scalar("half", 0.5f)}));
  }

  Result WriteKind(const BatchNormSpec& spec) {
    return Pointwise(
        writer_.Add("BatchNormalization",
                    {x(), WriteFeatures(0), WriteFeatures(1), WriteFeatures(2),
                     WriteFeatures(3)},
                    {{"epsilon", static_cast<float>(spec.epsilon)}}));
  }

  // Of an image, ONNX normalizes the last axes or, with channels first, all.
  Result WriteKind(const LayerNormSpec& spec) {
    const int rank = image().rank();
    const auto axis = static_cast<int>(spec.axis.value_or(rank - 1));
    const auto epsilon = static_cast<float>(spec.epsilon);
    if (writer_.opset() < 17) return WriteLayerNorm(axis, epsilon);
    if (rank == 1 || axis == 0) {
      std::vector<std::string> inputs = {x()};
      for (const int i : {0, 1}) {
        inputs.push_back(rank == 1 ? WriteFeatures(i)
                                   : WriteNormalized(i, axis));
      }
      return Pointwise(
          writer_.Add("LayerNormalization", std::move(inputs),
                      {{"axis", int64_t{1}}, {"epsilon", epsilon}}));
    }
    const Shape& shape = parameters_.info(node_.first_parameter).info.shape;
    const Ints sizes(shape.dims().begin(), shape.dims().end());
    std::vector<std::string> inputs = {ToChannelsLast(x(), rank, writer_)};
    for (const int i : {0, 1}) {
      inputs.push_back(
          writer_.Floats(parameter_name(i), sizes, parameter(i).span()));
    }
    return Output(ToChannelsFirst(
        writer_.Add("LayerNormalization", std::move(inputs),
                    {{"axis", int64_t{axis + 1}}, {"epsilon", epsilon}}),
        rank, writer_));
  }

  // The parameter of a normalization from `axis` on, with channels first and
  // sizes of 1 along other axes.
  std::string WriteNormalized(int i, int axis) {
    const int rank = image().rank();
    Ints sizes = ChannelsFirst(image());
    for (int k = 0; k < axis; ++k) sizes[k + 1] = 1;
    const int64_t channels = image().dim(rank - 1);
    return writer_.Floats(
        parameter_name(i), sizes,
        TransposeEach(parameter(i).span(), 1, parameter(i).size() / channels,
                      channels));
  }

  Result WriteLayerNorm(int axis, float epsilon) {
    const int rank = image().rank();
    Ints axes = {1};
    for (int k = std::max(axis, 0); k + 1 < rank; ++k) axes.push_back(k + 2);
    const auto mean = [&](const std::string& of) {
      return writer_.Reduce("ReduceMean", of, axes, /*keep_axes=*/true);
    };
    const std::string difference = writer_.Add("Sub", {x(), mean(x())});
    const std::string variance =
        mean(writer_.Add("Mul", {difference, difference}));
    const std::string deviation = writer_.Add(
        "Sqrt",
        {writer_.Add("Add", {variance, writer_.Scalar(
                                           absl::StrCat(node_.name, "/epsilon"),
                                           epsilon)})});
    std::string y = writer_.Add("Div", {difference, deviation});
    const auto parameter = [&](int i) {
      return rank == 1 ? WriteFeatures(i) : WriteNormalized(i, axis);
    };
    y = writer_.Add("Mul", {y, parameter(0)});
    return Pointwise(writer_.Add("Add", {y, parameter(1)}));
  }

  // Along ONNX's second axis.
  Result WriteKind(const LrnSpec& spec) {
    PutInputsInOrder();
    return Output(writer_.Add("LRN", {x()},
                              {{"alpha", spec.alpha},
                               {"beta", spec.beta},
                               {"bias", spec.bias},
                               {"size", spec.size}}));
  }

  // It does nothing in inference.
  Result WriteKind(const DropoutSpec&) { return Pointwise(x()); }

  Result WriteKind(const PadSpec& spec) {
    const Padding& padding = node_.window.padding;
    return Output(PadImage(x(), AxesOf(padding.before), AxesOf(padding.after),
                           ModeName(spec.mode), 0, writer_));
  }

  // Version 10 has the coordinates that are called asymmetric since, and rounds
  // down.
  Result WriteKind(const ResizeSpec& spec) {
    LENSLET_ASSIGN_OR_RETURN(const ResizeGeometry geometry,
                             Resolve(spec, image()));
    const int rank = spatial_rank();
    const std::string mode(Name(spec.mode));
    std::vector<float> scales = {1, 1};
    for (int axis = 3 - rank; axis < 3; ++axis) {
      scales.push_back(static_cast<float>(geometry.scale[axis]));
    }
    const auto write_scales = [&] {
      return writer_.Floats(absl::StrCat(node_.name, "/scales"), {rank + 2},
                            scales);
    };
    if (writer_.opset() < 11) {
      const bool is_plain =
          spec.coordinates == ResizeCoordinates::kAsymmetric &&
          (spec.mode == ResizeMode::kLinear ||
           spec.rounding == ResizeRounding::kFloor);
      if (!is_plain || !spec.output.empty()) {
        return NeedsOpset(11, "the first with these coordinates and sizes");
      }
      if (writer_.opset() == 10) {
        return Output(
            writer_.Add("Resize", {x(), write_scales()}, {{"mode", mode}}));
      }
      if (writer_.opset() == 9) {
        return Output(
            writer_.Add("Upsample", {x(), write_scales()}, {{"mode", mode}}));
      }
      return NeedsOpset(9, "the first with scales as a constant");
    }
    OnnxAttributes attributes = {
        {"coordinate_transformation_mode", std::string(Name(spec.coordinates))},
        {"mode", mode}};
    if (spec.mode == ResizeMode::kNearest) {
      attributes.emplace_back("nearest_mode", std::string(Name(spec.rounding)));
    }
    // Before version 13, the region of interest is required.
    const std::string roi =
        writer_.opset() < 13
            ? writer_.Floats(absl::StrCat(node_.name, "/roi"), {0}, {})
            : "";
    // With align_corners, programs differ where a scale makes part of a
    // position.
    if (spec.output.empty() &&
        spec.coordinates != ResizeCoordinates::kAlignCorners) {
      return Output(
          writer_.Add("Resize", {x(), roi, write_scales()}, attributes));
    }
    // The batch's size is open, so that sizes are computed from the input's.
    const std::string shape = writer_.Add("Shape", {x()});
    const std::string outer = writer_.Slice(shape, {0}, {0}, {2}, {1});
    const std::string sizes =
        writer_.Add("Concat",
                    {outer, writer_.Numbers(absl::StrCat(node_.name, "/sizes"),
                                            InnerOf(geometry.output, rank))},
                    {{"axis", int64_t{0}}});
    const std::string scales_of_none =
        writer_.opset() < 13
            ? writer_.Floats(absl::StrCat(node_.name, "/scales"), {0}, {})
            : "";
    return Output(
        writer_.Add("Resize", {x(), roi, scales_of_none, sizes}, attributes));
  }

  Result WriteKind(const FlattenLayer&) {
    if (image().rank() == 1) return Pointwise(x());
    OnnxValue flat =
        Output(writer_.Add("Flatten", {x()}, {{"axis", int64_t{1}}}));
    if (!OrdersAgree(image())) flat.unordered = image();
    return flat;
  }

  Result WriteKind(const ReshapeLayer&) {
    PutInputsInOrder();
    if (node_.output == image()) return Output(x());
    std::string x = this->x();
    if (!OrdersAgree(image())) x = ToChannelsLast(x, image().rank(), writer_);
    if (OrdersAgree(node_.output)) {
      return Output(writer_.Reshape(x, WithBatch(ChannelsFirst(node_.output))));
    }
    const Ints sizes(node_.output.dims().begin(), node_.output.dims().end());
    return Output(ToChannelsFirst(writer_.Reshape(x, WithBatch(sizes)),
                                  node_.output.rank(), writer_));
  }

  std::vector<std::string> InputNames() const {
    std::vector<std::string> names;
    for (const OnnxValue& input : inputs_) names.push_back(input.name);
    return names;
  }

  Result WriteKind(const AddLayer&) {
    const bool same_order = std::all_of(
        inputs_.begin(), inputs_.end(), [&](const OnnxValue& input) {
          return input.unordered == inputs_[0].unordered;
        });
    if (!same_order) PutInputsInOrder();
    const bool repeats = std::any_of(
        inputs_.begin(), inputs_.end(),
        [&](const OnnxValue& input) { return input.shape != node_.output; });
    // Version 8 is the first that repeats the inputs of Sum.
    if (inputs_.size() > 2 && repeats && writer_.opset() < 8) {
      std::string sum = x();
      for (size_t i = 1; i < inputs_.size(); ++i) {
        sum = writer_.Add("Add", {sum, inputs_[i].name});
      }
      return Pointwise(sum);
    }
    return Pointwise(
        writer_.Add(inputs_.size() == 2 ? "Add" : "Sum", InputNames()));
  }

  Result WriteKind(const MulLayer&) {
    if (inputs_[0].unordered != inputs_[1].unordered) PutInputsInOrder();
    return Pointwise(writer_.Add("Mul", InputNames()));
  }

  Result WriteKind(const ConcatSpec& spec) {
    PutInputsInOrder();
    const int channels = image().rank() - 1;
    const int64_t axis = spec.axis.value_or(channels);
    return Output(
        writer_.Add("Concat", InputNames(),
                    {{"axis", axis == channels ? int64_t{1} : axis + 2}}));
  }

  Result WriteKind(const CustomLayer&) {
    return absl::UnimplementedError(
        absl::StrCat(node_.layer.type(),
                     " is a custom layer, which ONNX has no operator for"));
  }

  const Graph::Node& node_;
  const Parameters& parameters_;
  std::vector<OnnxValue> inputs_;
  GraphWriter& writer_;
};

}  // namespace

OnnxValue InOrder(const OnnxValue& value, GraphWriter& writer) {
  if (value.unordered.rank() == 0) return value;
  const Shape& image = value.unordered;
  const std::string x = ToChannelsLast(
      writer.Reshape(value.name, WithBatch(ChannelsFirst(image))), image.rank(),
      writer);
  return {.name = writer.Add("Flatten", {x}, {{"axis", int64_t{1}}}),
          .shape = value.shape};
}

absl::StatusOr<OnnxValue> WriteLayer(const Graph::Node& node,
                                     const Parameters& parameters,
                                     std::vector<OnnxValue> inputs,
                                     GraphWriter& writer) {
  return LayerWriter(node, parameters, std::move(inputs), writer).Write();
}

}  // namespace lenslet
