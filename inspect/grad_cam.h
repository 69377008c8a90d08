// Grad-CAM: which places of an image speak for a class.
//
//   weight[k] = mean over y, x of d score / d A[y, x, k]
//   map[y, x] = max(0, sum over k of weight[k] * A[y, x, k])
//
// A is a layer's output for the image, and `score` the network's output for the
// class. Source: Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra,
// "Grad-CAM: visual explanations from deep networks via gradient-based
// localization", 2017.

#ifndef LENSLET_INSPECT_GRAD_CAM_H_
#define LENSLET_INSPECT_GRAD_CAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns the last node with an output [H, W, channels] of more than one
// position; -1 if there is none.
int LastSpatialNode(const Graph& graph);

// Owns two networks: the whole, for inference, and the layers after the chosen
// one, with gradients. There, batch normalizations use their running
// statistics, and dropout does nothing. Not thread-safe.
class GradCam {
 public:
  // For a network with one input and one row of scores, and its layer of this
  // name; "" is that of LastSpatialNode(). `parameters` must outlive the object
  // and may not move. Errors: InvalidArgument, naming the layer or the shape,
  // for other networks, for an unknown layer, and for one whose output is not
  // [H, W, channels]; ResourceExhausted; as Executor::Create().
  static absl::StatusOr<std::unique_ptr<GradCam>> Create(
      const Graph& graph, const Parameters& parameters,
      absl::string_view layer = "");

  // Returns the map [H, W] of one image: the numbers of the network's input,
  // normalized as it wants them. `label` is in [0, classes).
  absl::StatusOr<Tensor> Map(absl::Span<const float> input, int64_t label);

  // The name of the layer.
  const std::string& layer() const { return layer_; }

 private:
  explicit GradCam(const Graph& graph) : graph_(graph) {}

  const Graph graph_;
  std::string layer_;
  std::unique_ptr<Executor> whole_;
  // The layers after the chosen one, of which the first input is its output.
  std::optional<Parameters> tail_parameters_;
  std::unique_ptr<Executor> tail_;
  std::vector<std::string> tail_inputs_;
  std::optional<Parameters> gradients_;  // Of no interest.
};

}  // namespace lenslet

#endif  // LENSLET_INSPECT_GRAD_CAM_H_
