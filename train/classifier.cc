#include "lenslet/train/classifier.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {
namespace {

// Loaders guarantee what this checks, but a data set may come from elsewhere.
absl::Status CheckExamples(const Dataset& dataset) {
  if (dataset.images.type() != ElementType::kUint8 ||
      dataset.labels.type() != ElementType::kUint8) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data set's images are ", Name(dataset.images.type()),
                     " and its labels ", Name(dataset.labels.type()),
                     "; expected uint8 for both"));
  }
  if (dataset.labels.shape() != Shape({dataset.size()})) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data set's labels have shape ", dataset.labels.shape().ToString(),
        "; expected [", dataset.size(), "], one for each image"));
  }
  if (dataset.class_names.empty()) {
    return absl::InvalidArgumentError("the data set has no class_names");
  }
  const absl::Span<const uint8_t> labels = dataset.labels.span<uint8_t>();
  const auto largest = std::max_element(labels.begin(), labels.end());
  if (*largest >= dataset.class_names.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("label ", largest - labels.begin(), " of the data set is ",
                     *largest, "; expected less than ",
                     dataset.class_names.size(), ", the number of classes"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckClassifier(const Graph& graph, const Dataset& dataset) {
  const int64_t classes = static_cast<int64_t>(dataset.class_names.size());
  if (dataset.size() < 1) {
    return absl::InvalidArgumentError("the data set has no images");
  }
  LENSLET_RETURN_IF_ERROR(CheckExamples(dataset));
  const Graph::Input& input = graph.inputs()[0];
  if (graph.inputs().size() == 1 && input.shape != dataset.image_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model's input \"", input.name, "\" has shape ",
        input.shape.ToString(), "; the data set's images have shape ",
        dataset.image_shape().ToString()));
  }
  LENSLET_RETURN_IF_ERROR(CheckOneScoreForEachClass(graph, classes));
  return CheckNormalization(dataset.normalization, dataset.image_shape());
}

}  // namespace lenslet
