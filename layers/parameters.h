// The values of a graph's parameters, or other arrays with one number for each
// element of the parameters: gradients or an optimizer's state.

#ifndef LENSLET_LAYERS_PARAMETERS_H_
#define LENSLET_LAYERS_PARAMETERS_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/graph.h"
#include "lenslet/tensor/buffer.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// Owns one array, with the layout that the graph specifies. The gaps between
// parameters stay zero as long as nobody writes to them. Holds a copy of the
// graph.
class Parameters {
 public:
  // All zero. Errors: ResourceExhausted.
  static absl::StatusOr<Parameters> Create(const Graph& graph);

  Parameters(Parameters&&) = default;
  Parameters& operator=(Parameters&&) = default;

  int size() const { return static_cast<int>(graph_.parameters().size()); }
  // `i` is an index into the graph's parameters.
  const Graph::Parameter& info(int i) const { return graph_.parameters()[i]; }
  Buffer buffer(int i) {
    return Buffer(array_.data() + info(i).offset, info(i).info.type);
  }
  ConstBuffer buffer(int i) const {
    return ConstBuffer(array_.data() + info(i).offset, info(i).info.type);
  }
  // Abort if T is not the parameter's element type.
  template <typename T = float>
  View<T> view(int i) {
    return View<T>(buffer(i).data<T>(), info(i).info.shape);
  }
  template <typename T = float>
  View<const T> view(int i) const {
    return View<const T>(buffer(i).data<T>(), info(i).info.shape);
  }

  // All parameters, including the gaps between them. Elements that are not
  // float32 are in it as raw bytes.
  absl::Span<float> array() { return array_.span(); }
  absl::Span<const float> array() const { return array_.span(); }

 private:
  Parameters(const Graph& graph, Tensor array)
      : graph_(graph), array_(std::move(array)) {}

  Graph graph_;
  Tensor array_;
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_PARAMETERS_H_
