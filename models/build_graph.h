// Builds the graph of a model.

#ifndef LENSLET_MODELS_BUILD_GRAPH_H_
#define LENSLET_MODELS_BUILD_GRAPH_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/field_problem.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

// The most inputs and layers of a model, together: what the search for a
// mistyped name can compare in a moment.
inline constexpr int kMaxInputsAndLayers = 10000;

// Returns the model's graph. Checks everything that models/model.proto
// requires, and that the shapes fit together; `model` may have any content.
// Does not allocate parameters or images, which may exceed the machine's
// memory. Errors: InvalidArgument, naming the layer or input and the values:
//   layer "conv2": input has 6 channels; expected 3
absl::StatusOr<Graph> BuildGraph(const ModelProto& model);

// The same, but sets `problem` if it returns nothing.
std::optional<Graph> BuildGraph(const ModelProto& model, FieldProblem& problem);

// Checks what BuildGraph() requires of a graph and of a model's name, beyond
// what GraphBuilder checks. For graphs that no model can describe. Errors:
// InvalidArgument.
absl::Status CheckAsModel(const Graph& graph, absl::string_view name);

// The parts of a model that are known to be incomplete: indices of inputs and
// layers, and whether anything is missing elsewhere.
struct ModelGaps {
  std::vector<int> inputs;
  std::vector<int> layers;
  bool elsewhere = false;

  bool empty() const { return inputs.empty() && layers.empty() && !elsewhere; }
};

// The same, but does not stop at the first error: sets `problems` to all
// errors, at most kMaxProblems. Does not report errors of parts with gaps, nor
// errors that the missing text may explain. Returns the graph if there are no
// problems and no gaps.
std::optional<Graph> BuildGraph(const ModelProto& model, const ModelGaps& gaps,
                                std::vector<FieldProblem>& problems);

}  // namespace lenslet

#endif  // LENSLET_MODELS_BUILD_GRAPH_H_
