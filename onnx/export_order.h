// Which values of a network an ONNX graph has, and which vectors have their
// numbers in ONNX's order.
//
// ONNX has an image's channels first, so that it flattens the image to a vector
// of another order than Lenslet does. A linear layer that reads it permutes its
// weights instead, and layers between may have their parameters in ONNX's
// order, too: both cost nothing at run time. Other layers need Lenslet's order,
// as the network's output does.

#ifndef LENSLET_ONNX_EXPORT_ORDER_H_
#define LENSLET_ONNX_EXPORT_ORDER_H_

#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Whether the numbers of an image have the same order with channels first and
// last.
bool OrdersAgree(const Shape& image);

struct ValuePlan {
  // The value that this one is again, since a layer reshapes back what another
  // reshaped. -1 if it is none.
  int same_as = -1;
  // Whether the output depends on it.
  bool is_used = false;
  // Whether it must be in Lenslet's order, which is so for all that layers
  // compute from it, too.
  bool in_order = false;
};

// Returns the plan of each value of the graph.
std::vector<ValuePlan> PlanValues(const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_ONNX_EXPORT_ORDER_H_
