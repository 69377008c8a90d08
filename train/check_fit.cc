#include "lenslet/train/check_fit.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

absl::Status CheckOutput(const Graph& graph, const TargetSpec& target,
                         int64_t classes) {
  if (target == TargetSpec()) {
    const absl::Status status = CheckOneScoreForEachClass(graph, classes);
    if (status.ok() || classes > 1) return status;
    return absl::Status(
        status.code(),
        absl::StrCat(status.message(), "; all examples are of one class"));
  }
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", graph.inputs().size(),
                     " inputs; expected one, the example"));
  }
  std::vector<int64_t> dims(target.shape.dims().begin(),
                            target.shape.dims().end());
  const bool has_classes = target.kind == TargetKind::kClasses;
  if (has_classes) dims.push_back(classes);
  LENSLET_ASSIGN_OR_RETURN(const Shape expected, Shape::Create(dims));
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (output == expected) return absl::OkStatus();
  // Targets of 0 and 1 for each label, read as a class at each position.
  const bool may_be_labels = has_classes && target.shape.rank() == 1 &&
                             classes <= 2 && output == target.shape;
  return absl::InvalidArgumentError(absl::StrCat(
      "the model's output, layer \"",
      graph.nodes()[graph.NodeOfValue(graph.output_value())].name,
      "\", has shape ", output.ToString(), "; expected ", expected.ToString(),
      has_classes ? ", a score for each class at each position"
                  : absl::StrCat(", the shape of the targets, which are ",
                                 Name(target.kind)),
      may_be_labels ? "; if the targets are labels that apply or not, add "
                      "target { classes {} } to the data"
                    : ""));
}

}  // namespace

absl::Status CheckFit(const Graph& graph, const Dataset& dataset) {
  const int64_t classes = static_cast<int64_t>(dataset.target_names.size());
  if (dataset.size() < 1) {
    return absl::InvalidArgumentError("the data set has no examples");
  }
  const TargetSpec target = dataset.examples->target();
  if (target.kind == TargetKind::kClasses && classes == 0) {
    return absl::InvalidArgumentError("the data set has no names of classes");
  }
  const Graph::Input& input = graph.inputs()[0];
  if (graph.inputs().size() == 1 && input.shape != dataset.example_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model's input \"", input.name, "\" has shape ",
        input.shape.ToString(), "; the data set's examples have shape ",
        dataset.example_shape().ToString(),
        // As an index that pandas writes.
        !dataset.input_names.empty() && dataset.input_names[0].empty()
            ? "; if the first column, which has no name, is an index, "
              "data.csv.ignore leaves it out"
            : ""));
  }
  LENSLET_RETURN_IF_ERROR(CheckOutput(graph, target, classes));
  return CheckNormalization(dataset.normalization, dataset.example_shape());
}

}  // namespace lenslet
