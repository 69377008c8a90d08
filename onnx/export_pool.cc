// Pooling.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/average_as_conv.h"
#include "lenslet/onnx/layer_writer.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

// Deeper than any number that a network computes, shallower than what would
// make an infinity of a sum.
constexpr float kBelowAll = -1e30f;

using Result = absl::StatusOr<OnnxValue>;

}  // namespace

Result LayerWriter::WriteKind(const PoolLayer& pool) {
  return WritePool(pool.spec);
}

Result LayerWriter::WriteKind(const AdaptivePoolLayer& pool) {
  const Axes output = pool.output.rank() == 1
                          ? Axes::Filled(spatial_rank(), pool.output[0])
                          : pool.output;
  return WritePool({.kind = pool.kind, .output = output});
}

Result LayerWriter::WriteKind(const GlobalPoolLayer& pool) {
  return Output(writer_.Add(
      pool.kind == PoolKind::kMax ? "GlobalMaxPool" : "GlobalAveragePool",
      {x()}));
}

Result LayerWriter::WritePool(const PoolSpec& spec) {
  LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry, Resolve(spec, image()));
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
                        Extent(window, axis) - before[i] - geometry.input[axis];
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

Result LayerWriter::WriteAverageAsConv(const PoolGeometry& geometry,
                                       OnnxAttributes attributes) {
  const int rank = spatial_rank();
  int64_t taps = 1;
  for (const int64_t size : geometry.window.kernel) taps *= size;
  attributes.emplace_back("group", geometry.channels);
  const std::string ones = writer_.Floats(
      absl::StrCat(node_.name, ".ones"),
      Joined({geometry.channels, 1}, InnerOf(geometry.window.kernel, rank)),
      std::vector<float>(geometry.channels * taps, 1.0f));
  return Output(writer_.Add(
      "Mul", {writer_.Add("Conv", {x(), ones}, attributes),
              writer_.Floats(absl::StrCat(node_.name, ".factors"),
                             Joined({1, 1}, InnerOf(geometry.output, rank)),
                             AverageFactors(geometry))}));
}

Result LayerWriter::WriteSoftmaxPool(const PoolGeometry& geometry,
                                     const Ints& before, const Ints& after) {
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
  return Output(writer_.Reduce("ReduceSum", writer_.Add("Mul", {weights, all}),
                               {last},
                               /*keep_axes=*/false));
}

Result LayerWriter::WriteAdaptivePool(const PoolGeometry& geometry) {
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

}  // namespace lenslet
