#include "lenslet/layers/fastest_backend.h"

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/layers/minimum_cut.h"
#include "lenslet/ops/conv/conv_direct_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

int64_t ChannelsOf(const Shape& shape) { return shape.dim(shape.rank() - 1); }

// Of a window's one to three dimensions.
double TapsOf(const Window& window) {
  double taps = 1;
  for (int axis = 0; axis < window.kernel.rank(); ++axis) {
    taps *= static_cast<double>(window.kernel[axis]);
  }
  return taps;
}

// The time of a layer for an image of a full group of lanes, in that of a
// vector's multiply-add of a convolution.
struct Times {
  double direct = 0;
  double lanes = 0;
};

// The time of converting 16 numbers between the layouts.
constexpr double kConversion = 15;

double VectorsOf(const Shape& shape) {
  return static_cast<double>(shape.elements()) / kLanes;
}

Times DepthwiseTimes(const Graph::Node& node, const Shape& input,
                     double multiply_adds) {
  const int last = node.window.kernel.rank() - 1;
  const int64_t taps = node.window.kernel[last];
  const int64_t stride = node.window.stride[last];
  if ((taps != 3 && taps != 5) || stride > 2 ||
      node.window.dilation[last] != 1) {
    // Each multiply-add loads a number, on lanes for one channel at a time.
    return {.direct = 4 * multiply_adds, .lanes = 6 * multiply_adds};
  }
  // Reading and writing takes longer than the sums. On lanes, positions that
  // are a multiple of 4096 bytes apart evict each other from the L1 cache.
  const double vectors = VectorsOf(input) + VectorsOf(node.output);
  const bool evict = ChannelsOf(input) % 64 == 0;
  return {.direct = multiply_adds + 4 * vectors,
          .lanes = multiply_adds + (evict ? 13 : 6) * vectors};
}

// What Winograd's algorithm takes, where it is used, of the time of sums of
// products; 1 otherwise.
Times WinogradSharesOf(const Graph::Node& node, const Shape& input) {
  Times shares = {.direct = 1, .lanes = 1};
  const auto* conv = std::get_if<ConvLayer>(&node.layer.spec());
  if (conv == nullptr) return shares;
  ConvSpec spec = conv->spec;
  spec.input_channels = ChannelsOf(input);
  spec.window = node.window;
  const absl::StatusOr<ConvGeometry> geometry = Resolve(spec, input);
  if (!geometry.ok() || !WinogradSupports(*geometry)) return shares;
  const WinogradConv winograd = ForwardWinograd(*geometry);
  // By measurement on AVX-512, it takes 0.74 to 0.98 of what WinogradShare()
  // counts.
  if (WinogradIsFaster(winograd)) shares.lanes = 0.82 * WinogradShare(winograd);
  if (DirectWinogradIsFaster(*geometry)) {
    shares.direct = DirectWinogradShare(winograd);
  }
  return shares;
}

Times TimesOf(const Graph& graph, const Graph::Node& node) {
  // Layers without multiply-adds take the same time on both, but for a few.
  if (node.cost.multiply_adds == 0) return {};
  // The program's own code, the same on both.
  if (std::holds_alternative<CustomLayer>(node.layer.spec())) return {};
  const Shape& input = graph.ShapeOfValue(node.inputs[0]);
  const int64_t outputs = ChannelsOf(node.output);
  const int64_t inputs = ChannelsOf(input);
  const double vectors = static_cast<double>(node.cost.multiply_adds) / kLanes;
  double group_outputs = outputs;
  if (node.reach == Reach::kWindow) {
    // An output has a product for each tap and input channel of its group.
    const double products = static_cast<double>(node.cost.multiply_adds) /
                            static_cast<double>(node.output.elements());
    group_outputs *= products / (inputs * TapsOf(node.window));
  }
  if (group_outputs <= 1 && outputs > 1 && inputs == outputs) {
    return DepthwiseTimes(node, input, vectors);
  }
  // One vector of channels needs 1.4 times as long as its share of more; a part
  // of one as long as a whole, but vectors of pixels are there for the first.
  // Blocks of many channels leave the L1 cache on lanes.
  const Times shares = WinogradSharesOf(node, input);
  return {.direct =
              vectors * shares.direct *
              (group_outputs > kLanes
                   ? std::ceil(group_outputs / kLanes) * kLanes / group_outputs
                   : std::min(1.4 * kLanes / group_outputs, 2.0)),
          .lanes = vectors * (outputs >= 64 ? 1.2 : 1.0) * shares.lanes};
}

// Whether layouts may change between layers: conversions are of floats.
bool HasOnlyFloats(const Graph& graph) {
  for (int value = 0; value < graph.value_count(); ++value) {
    if (graph.TypeOfValue(value) != ElementType::kFloat32) return false;
  }
  return true;
}

// For each node, whether it takes less time on lanes.
std::vector<bool> RunOnLanes(const Graph& graph, int64_t images) {
  // A group of lanes takes as long for one image as for all.
  const double lanes_images = static_cast<double>(LaneGroups(images)) * kLanes;
  const double direct_images = static_cast<double>(images);
  const auto conversion = [&](int value) {
    return kConversion * lanes_images * VectorsOf(graph.ShapeOfValue(value));
  };
  const int nodes = static_cast<int>(graph.nodes().size());
  Times sum;
  MinimumCut cut(nodes);
  for (int i = 0; i < nodes; ++i) {
    const Graph::Node& node = graph.nodes()[i];
    const Times times = TimesOf(graph, node);
    sum.direct += direct_images * times.direct;
    sum.lanes += lanes_images * times.lanes;
    // The graph's inputs and its output are not in lanes.
    double at_ends = graph.ValueOfNode(i) == graph.output_value()
                         ? conversion(graph.output_value())
                         : 0;
    for (int input : node.inputs) {
      const int from = graph.NodeOfValue(input);
      if (from < 0) {
        at_ends += conversion(input);
      } else {
        cut.AddSeparation(from, i, conversion(input));
      }
    }
    cut.AddCosts(i, lanes_images * times.lanes + at_ends,
                 direct_images * times.direct);
  }
  if (!HasOnlyFloats(graph)) {
    return std::vector<bool>(nodes, sum.lanes < sum.direct);
  }
  std::vector<bool> on_lanes = cut.SecondSide();
  on_lanes.flip();
  return on_lanes;
}

}  // namespace

InferenceBackends FastestForInference(const Graph& graph, int64_t images) {
  const std::vector<bool> on_lanes = RunOnLanes(graph, images);
  const int64_t lanes = std::count(on_lanes.begin(), on_lanes.end(), true);
  if (lanes == static_cast<int64_t>(on_lanes.size())) {
    return {.backend = Backend::kLanes};
  }
  InferenceBackends backends = {
      .backend = Backend::kDirect,
      .substitutes = {Backend::kXnnpack, Backend::kLanes}};
  if (lanes == 0) return backends;
  for (const bool is_on_lanes : on_lanes) {
    backends.layer_backends.push_back(is_on_lanes ? Backend::kLanes
                                                  : Backend::kDirect);
  }
  return backends;
}

InferenceBackends BackendsForInference(std::optional<Backend> backend,
                                       const Graph& graph, int64_t images) {
  if (backend) return {.backend = *backend};
  return FastestForInference(graph, images);
}

}  // namespace lenslet
