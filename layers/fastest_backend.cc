#include "lenslet/layers/fastest_backend.h"

#include <algorithm>
#include <variant>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/window.h"
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

Times TimesOf(const Graph& graph, const Graph::Node& node) {
  // Layers without multiply-adds take the same time on both, but for a few.
  if (node.cost.multiply_adds == 0) return {};
  // The program's own code, the same on both.
  if (std::holds_alternative<CustomLayer>(node.layer.spec())) return {};
  const int64_t outputs = ChannelsOf(node.output);
  const int64_t inputs = ChannelsOf(graph.ShapeOfValue(node.inputs[0]));
  const double vectors = static_cast<double>(node.cost.multiply_adds) / kLanes;
  double group_outputs = outputs;
  if (node.reach == Reach::kWindow) {
    // An output has a product for each tap and input channel of its group.
    const double products = static_cast<double>(node.cost.multiply_adds) /
                            static_cast<double>(node.output.elements());
    group_outputs *= products / (inputs * TapsOf(node.window));
  }
  if (group_outputs <= 1 && outputs > 1 && inputs == outputs) {
    // Depthwise: each multiply-add loads a number, on lanes for one channel at
    // a time.
    return {.direct = 4 * vectors, .lanes = 6 * vectors};
  }
  // One vector of channels needs 1.4 times as long as its share of more; a part
  // of one as long as a whole, but vectors of pixels are there for these.
  // Blocks of many channels leave the L1 cache on lanes.
  return {
      .direct = vectors * (group_outputs > kLanes
                               ? 1.0
                               : std::min(1.4 * kLanes / group_outputs, 2.0)),
      .lanes = vectors * (outputs >= 64 ? 1.2 : 1.0)};
}

}  // namespace

InferenceBackends FastestForInference(const Graph& graph, int64_t images) {
  Times sum;
  for (const Graph::Node& node : graph.nodes()) {
    const Times times = TimesOf(graph, node);
    sum.direct += times.direct;
    sum.lanes += times.lanes;
  }
  // A group of lanes takes as long for one image as for all.
  const double groups = LaneGroups(images);
  if (groups * kLanes * sum.lanes < static_cast<double>(images) * sum.direct) {
    return {.backend = Backend::kLanes};
  }
  return {.backend = Backend::kDirect,
          .substitutes = {Backend::kXnnpack, Backend::kLanes}};
}

InferenceBackends BackendsForInference(std::optional<Backend> backend,
                                       const Graph& graph, int64_t images) {
  if (backend) return {.backend = *backend};
  return FastestForInference(graph, images);
}

}  // namespace lenslet
