#include "lenslet/inspect/explanation.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/inspect/heat_map.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

bool CanExplain(const Graph& graph) {
  if (graph.inputs().size() != 1) return false;
  const Shape& input = graph.inputs()[0].shape;
  return graph.inputs()[0].type == ElementType::kFloat32 && input.rank() == 3 &&
         (input.dim(2) == 1 || input.dim(2) == 3) &&
         graph.ShapeOfValue(graph.output_value()).rank() == 1 &&
         LastSpatialNode(graph) >= 0;
}

absl::StatusOr<std::unique_ptr<Explainer>> Explainer::Create(
    const Graph& graph, const Parameters& parameters,
    const ExplanationOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<GradCam> grad_cam,
                           GradCam::Create(graph, parameters, options.layer));
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Occlusion> occlusion,
      Occlusion::Create(graph, parameters,
                        {.normalization = options.normalization}));
  return std::unique_ptr<Explainer>(
      new Explainer(std::move(grad_cam), std::move(occlusion)));
}

absl::StatusOr<Explanation> Explainer::Explain(const Tensor& image,
                                               int64_t label) {
  const Shape& shape = image.shape();
  std::vector<float> input(shape.elements());
  NormalizeImage(image, shape.dim(2), occlusion_->options().normalization,
                 input.data());
  Explanation explanation;
  LENSLET_ASSIGN_OR_RETURN(explanation.grad_cam, grad_cam_->Map(input, label));
  LENSLET_ASSIGN_OR_RETURN(explanation.grad_cam_picture,
                           HeatMap(image, explanation.grad_cam));
  LENSLET_ASSIGN_OR_RETURN(explanation.occlusion,
                           occlusion_->Map(image, label));
  LENSLET_ASSIGN_OR_RETURN(explanation.occlusion_picture,
                           HeatMap(image, explanation.occlusion));
  return explanation;
}

absl::StatusOr<std::vector<LayerPicture>> ExplanationPictures(
    Explainer& explainer, const Tensor& image, int64_t label) {
  LENSLET_ASSIGN_OR_RETURN(Explanation explanation,
                           explainer.Explain(image, label));
  LENSLET_ASSIGN_OR_RETURN(Tensor cam, Enlarged(explanation.grad_cam_picture));
  LENSLET_ASSIGN_OR_RETURN(Tensor hidden,
                           Enlarged(explanation.occlusion_picture));
  std::vector<LayerPicture> pictures;
  pictures.push_back(
      {.name = "grad_cam",
       .layer = explainer.layer(),
       .kind = LayerPictureKind::kExplanation,
       .shows = absl::StrCat("Grad-CAM of layer ", explainer.layer()),
       .range = FiniteRange(explanation.grad_cam.span()),
       .sheet = std::move(cam),
       .first = std::move(explanation.grad_cam_picture)});
  pictures.push_back(
      {.name = "occlusion",
       .kind = LayerPictureKind::kExplanation,
       .shows = absl::StrCat("loss of probability under squares of ",
                             explainer.side(), " x ", explainer.side()),
       .range = FiniteRange(explanation.occlusion.span()),
       .sheet = std::move(hidden),
       .first = std::move(explanation.occlusion_picture)});
  return pictures;
}

}  // namespace lenslet
