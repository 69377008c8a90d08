#include "lenslet/predict/predictor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Predictor>> Predictor::Create(
    const CheckpointProto& checkpoint, const PredictorOptions& options) {
  if (options.images < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("images are ", options.images, "; expected at least 1"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(checkpoint.model()));
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (graph.inputs().size() != 1 ||
      output != Shape({checkpoint.class_name_size()})) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the checkpoint's model has ", graph.inputs().size(),
        " inputs and an output of shape ", output.ToString(),
        "; expected one input and an output of shape [",
        checkpoint.class_name_size(), "], a score for each class"));
  }
  const Normalization normalization =
      NormalizationFromProto(checkpoint.normalization());
  LENSLET_RETURN_IF_ERROR(
      CheckNormalization(normalization, graph.inputs()[0].shape));
  LENSLET_ASSIGN_OR_RETURN(const Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  LENSLET_ASSIGN_OR_RETURN(FoldedNetwork folded,
                           FoldBatchNorm(graph, parameters));
  std::unique_ptr<Predictor> predictor(new Predictor(
      folded.graph, std::move(folded.parameters),
      {checkpoint.class_name().begin(), checkpoint.class_name().end()},
      normalization, options));
  InferenceBackends backends =
      BackendsForInference(options.backend, predictor->graph_, options.images);
  LENSLET_ASSIGN_OR_RETURN(
      predictor->executor_,
      Executor::Create(predictor->graph_, predictor->parameters_,
                       {.backend = backends.backend,
                        .substitutes = std::move(backends.substitutes),
                        .images = options.images}));
  return predictor;
}

absl::Status Predictor::CheckImage(const Tensor& image) const {
  if (image.type() == ElementType::kUint8 && image.shape() == image_shape()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the image is ", Name(image.type()), " ", image.shape().ToString(),
      "; expected uint8 ", image_shape().ToString()));
}

void Predictor::ReadPixels(const Tensor& image, float* input) const {
  NormalizePixels(image.span<uint8_t>(), ChannelsOf(image_shape()),
                  normalization_, input);
}

absl::StatusOr<std::vector<ClassScore>> Predictor::Predict(const Tensor& image,
                                                           int64_t count) {
  LENSLET_RETURN_IF_ERROR(CheckImage(image));
  FlushDenormals flush;
  ReadPixels(image, executor_->input().data());
  executor_->Forward(1);
  return Rank(executor_->output().Slice(0, 1).span(), count);
}

absl::StatusOr<std::vector<std::vector<ClassScore>>> Predictor::Predict(
    absl::Span<const Tensor> images, int64_t count) {
  for (size_t i = 0; i < images.size(); ++i) {
    if (const absl::Status status = CheckImage(images[i]); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("image ", i, ": ", status.message()));
    }
  }
  FlushDenormals flush;
  std::vector<std::vector<ClassScore>> answers;
  const int64_t elements = image_shape().elements();
  for (size_t first = 0; first < images.size(); first += block_) {
    const absl::Span<const Tensor> block = images.subspan(first, block_);
    float* input = executor_->input().data();
    for (const Tensor& image : block) {
      ReadPixels(image, input);
      input += elements;
    }
    executor_->Forward(block.size());
    for (size_t i = 0; i < block.size(); ++i) {
      LENSLET_ASSIGN_OR_RETURN(
          std::vector<ClassScore> answer,
          Rank(executor_->output().Slice(i, i + 1).span(), count));
      answers.push_back(std::move(answer));
    }
  }
  return answers;
}

absl::StatusOr<std::vector<ClassScore>> Predictor::Rank(
    absl::Span<const float> scores, int64_t count) const {
  Tensor row({1, static_cast<int64_t>(scores.size())});
  std::copy(scores.begin(), scores.end(), row.data());
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities, Softmax(row));
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
