#include "lenslet/train/classifier.h"

#include "absl/strings/str_cat.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

absl::Status CheckClassifier(const Graph& graph, const Dataset& dataset) {
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", graph.inputs().size(),
                     " inputs; expected one, the image"));
  }
  const Graph::Input& input = graph.inputs()[0];
  if (dataset.size() < 1) {
    return absl::InvalidArgumentError("the data set has no images");
  }
  if (input.shape != dataset.image_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model's input \"", input.name, "\" has shape ",
        input.shape.ToString(), "; the data set's images have shape ",
        dataset.image_shape().ToString()));
  }
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  const int64_t classes = static_cast<int64_t>(dataset.class_names.size());
  if (output != Shape({classes})) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model's output, layer \"",
        graph.nodes()[graph.NodeOfValue(graph.output_value())].name,
        "\", has shape ", output.ToString(), "; expected [", classes,
        "], a number for each of the data set's classes"));
  }
  return CheckNormalization(dataset.normalization, dataset.image_shape());
}

}  // namespace lenslet
