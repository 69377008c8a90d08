// What an ONNX node says whatever its inputs are: its window, its way of
// resizing, the order of axes. Errors, without the node's name: InvalidArgument
// for what no model may have, Unimplemented for what layers lack.

#ifndef LENSLET_ONNX_NODE_SPECS_H_
#define LENSLET_ONNX_NODE_SPECS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/node_reader.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/resize/resize.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Checks that a batch normalization is one of inference, by channels.
absl::Status CheckForInference(const NodeReader& node);

// The order of a transposition's axes. Without a rank, that is not known:
// Cancelled if the order depends on it.
absl::StatusOr<Ints> OrderOf(const NodeReader& node,
                             std::optional<int64_t> rank);

// A resizing without its sizes or scales.
absl::StatusOr<ResizeSpec> ResizeModeOf(const NodeReader& node, int opset);

// An attribute with a number for each of `rank` axes.
absl::StatusOr<Axes> AxesAttribute(const NodeReader& node,
                                   absl::string_view attribute, int rank,
                                   int64_t otherwise);

// A window as a node describes it.
struct NodeWindow {
  Window window;
  bool same_upper = false;
  bool same = false;  // auto_pad is SAME_...
};

// `input` has the sizes of the image that the window moves over.
absl::StatusOr<NodeWindow> WindowOf(const NodeReader& node, const Axes& kernel,
                                    const Axes& input);

// The sizes of an image without its channels.
Axes SpatialSizes(const Shape& image);

bool HasPadding(const Window& window);

}  // namespace lenslet

#endif  // LENSLET_ONNX_NODE_SPECS_H_
