// Explains a prediction: pictures of the places of an image that it depends on.

#ifndef LENSLET_INSPECT_EXPLANATION_H_
#define LENSLET_INSPECT_EXPLANATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/normalization.h"
#include "lenslet/inspect/grad_cam.h"
#include "lenslet/inspect/layer_pictures.h"
#include "lenslet/inspect/occlusion.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Pictures are uint8 [height, width, 3], as HeatMap() makes them
// (inspect/heat_map.h).
struct Explanation {
  Tensor grad_cam = {};
  Tensor grad_cam_picture = {};
  Tensor occlusion = {};
  Tensor occlusion_picture = {};
};

// Whether an Explainer can be made for the graph: it has one input [H, W, 1 or
// 3], one row of scores, and a layer for LastSpatialNode()
// (inspect/grad_cam.h).
bool CanExplain(const Graph& graph);

struct ExplanationOptions {
  // The normalization that the network was trained with.
  Normalization normalization = {};
  // As for GradCam::Create().
  std::string layer = {};
};

// Not thread-safe.
class Explainer {
 public:
  // `layer` is as for GradCam::Create(). `parameters` must outlive the object
  // and may not move. Errors: as GradCam::Create() and Occlusion::Create().
  static absl::StatusOr<std::unique_ptr<Explainer>> Create(
      const Graph& graph, const Parameters& parameters,
      const ExplanationOptions& options = {});

  // Returns the probabilities of the classes for an image of the input's shape,
  // of bytes or of numbers.
  std::vector<double> Probabilities(const Tensor& image) {
    return occlusion_->Probabilities(image);
  }

  // Explains the probability of a class, in [0, classes). Errors:
  // ResourceExhausted.
  absl::StatusOr<Explanation> Explain(const Tensor& image, int64_t label);

  // The layer that Grad-CAM reads, and the side of the square that hides
  // pixels.
  const std::string& layer() const { return grad_cam_->layer(); }
  int64_t side() const { return occlusion_->options().side; }

 private:
  Explainer(std::unique_ptr<GradCam> grad_cam,
            std::unique_ptr<Occlusion> occlusion)
      : grad_cam_(std::move(grad_cam)), occlusion_(std::move(occlusion)) {}

  const std::unique_ptr<GradCam> grad_cam_;
  const std::unique_ptr<Occlusion> occlusion_;
};

// Returns the pictures of an explanation of a class as those of layers
// (inspect/layer_pictures.h): "grad_cam" and "occlusion", enlarged. Errors: as
// Explainer::Explain().
absl::StatusOr<std::vector<LayerPicture>> ExplanationPictures(
    Explainer& explainer, const Tensor& image, int64_t label);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_EXPLANATION_H_
