#include "train/predictor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "data/batches.h"
#include "models/build_graph.h"
#include "ops/softmax_cross_entropy/softmax_cross_entropy.h"
#include "train/checkpoint.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Predictor>> Predictor::Create(
    const CheckpointProto& checkpoint, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(checkpoint.model()));
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (graph.inputs().size() != 1 ||
      output != Shape({checkpoint.class_name_size()})) {
    return absl::InvalidArgumentError(
        absl::StrCat("the checkpoint's model has ", graph.inputs().size(),
                     " inputs and an output of shape ", output.ToString(),
                     "; a classifier of its ", checkpoint.class_name_size(),
                     " classes has one input and a score for each class"));
  }
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  std::unique_ptr<Predictor> predictor(new Predictor(
      graph, std::move(parameters),
      {checkpoint.class_name().begin(), checkpoint.class_name().end()}));
  LENSLET_ASSIGN_OR_RETURN(
      predictor->executor_,
      Executor::Create(predictor->graph_, predictor->parameters_,
                       {.backend = backend, .images = 1}));
  return predictor;
}

absl::StatusOr<std::vector<ClassScore>> Predictor::Predict(const Tensor& image,
                                                           int64_t count) {
  if (image.type() != ElementType::kUint8 || image.shape() != image_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the image is ", Name(image.type()), " ", image.shape().ToString(),
        ", the model takes uint8 ", image_shape().ToString()));
  }
  ScalePixels(image.span<uint8_t>(), executor_->input().data());
  executor_->Forward(1);
  Tensor scores(executor_->output().shape());
  std::copy_n(executor_->output().data(), scores.shape().elements(),
              scores.data());
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities, Softmax(scores));
  std::vector<ClassScore> result;
  for (size_t i = 0; i < class_names_.size(); ++i) {
    result.push_back({.class_index = static_cast<int64_t>(i),
                      .class_name = class_names_[i],
                      .probability = probabilities.data()[i]});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const ClassScore& a, const ClassScore& b) {
                     return a.probability > b.probability;
                   });
  if (static_cast<int64_t>(result.size()) > count) result.resize(count);
  return result;
}

}  // namespace lenslet
