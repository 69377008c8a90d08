// The values of a graph's parameters, or anything else that has one number for
// each: gradients, what an optimizer keeps.

#ifndef LENSLET_LAYERS_PARAMETERS_H_
#define LENSLET_LAYERS_PARAMETERS_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/graph.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// Owns one array of floats, laid out as the graph says; the gaps between
// parameters stay zero as long as nobody writes there. Holds a copy of the
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
  View<float> view(int i) {
    return View<float>(array_.data() + info(i).offset, info(i).info.shape);
  }
  View<const float> view(int i) const {
    return View<const float>(array_.data() + info(i).offset,
                             info(i).info.shape);
  }

  // All of them, with the gaps.
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
