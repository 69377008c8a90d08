#include "lenslet/layers/parameters.h"

#include "lenslet/base/status_macros.h"

namespace lenslet {

absl::StatusOr<Parameters> Parameters::Create(const Graph& graph) {
  LENSLET_ASSIGN_OR_RETURN(
      Tensor array,
      Tensor::Create(ElementType::kFloat32, {graph.parameter_array_size()}));
  return Parameters(graph, std::move(array));
}

}  // namespace lenslet
