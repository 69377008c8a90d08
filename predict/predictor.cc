#include "lenslet/predict/predictor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Predictor>> Predictor::Create(
    const CheckpointProto& checkpoint, const PredictorOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(checkpoint));
  LENSLET_ASSIGN_OR_RETURN(const Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  return Create(graph, parameters, TargetsFromCheckpoint(checkpoint),
                NormalizationFromProto(checkpoint.normalization()), options);
}

absl::StatusOr<std::unique_ptr<Predictor>> Predictor::Create(
    const Graph& graph, const Parameters& parameters, OutputTargets targets,
    Normalization normalization, const PredictorOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOutputTargets(graph, targets));
  LENSLET_RETURN_IF_ERROR(
      CheckNormalization(normalization, graph.inputs()[0].shape));
  LENSLET_ASSIGN_OR_RETURN(FoldedNetwork folded,
                           FoldBatchNorm(graph, parameters));
  return Create(
      std::make_shared<const SharedNetwork>(SharedNetwork{
          std::move(folded), std::move(targets), std::move(normalization)}),
      options);
}

absl::StatusOr<std::unique_ptr<Predictor>> Predictor::Share(
    const PredictorOptions& options) const {
  return Create(network_, options);
}

absl::StatusOr<std::unique_ptr<Predictor>> Predictor::Create(
    std::shared_ptr<const SharedNetwork> network,
    const PredictorOptions& options) {
  if (options.images < 1) {
    return BadValue("images", options.images, "at least 1");
  }
  std::unique_ptr<Predictor> predictor(
      new Predictor(std::move(network), options));
  const FoldedNetwork& folded = predictor->network_->folded;
  InferenceBackends backends =
      BackendsForInference(options.backend, folded.graph, options.images);
  LENSLET_ASSIGN_OR_RETURN(
      predictor->executor_,
      Executor::Create(folded.graph, folded.parameters,
                       {.backend = backends.backend,
                        .layer_backends = std::move(backends.layer_backends),
                        .substitutes = std::move(backends.substitutes),
                        .images = options.images}));
  return predictor;
}

absl::Status Predictor::CheckImage(const Tensor& image) const {
  if (image.shape() == image_shape()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the image is ", Name(image.type()), " ", image.shape().ToString(),
      "; expected ", image_shape().ToString()));
}

void Predictor::ReadPixels(absl::Span<const uint8_t> bytes,
                           float* input) const {
  NormalizePixels(bytes, ChannelsOf(image_shape()), network_->normalization,
                  input);
}

void Predictor::ReadImage(const Tensor& image, float* input) const {
  if (image.type() == ElementType::kUint8) {
    ReadPixels(image.span<uint8_t>(), input);
  } else {
    NormalizeNumbers(image.span(), ChannelsOf(image_shape()),
                     network_->normalization, input);
  }
}

template <typename Read, typename Use>
absl::Status Predictor::ForEachBlock(int64_t images, Read read, Use use) {
  FlushDenormals flush;
  for (int64_t first = 0; first < images; first += block_) {
    const int64_t size = std::min(block_, images - first);
    read(first, size, executor_->input().data());
    executor_->Forward(size);
    LENSLET_RETURN_IF_ERROR(use(first, executor_->output().Slice(0, size)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ClassScore>> Predictor::Classify(const Tensor& image,
                                                            int64_t count) {
  LENSLET_RETURN_IF_ERROR(CheckImage(image));
  FlushDenormals flush;
  ReadImage(image, executor_->input().data());
  executor_->Forward(1);
  return Rank(executor_->output().Slice(0, 1).span(), count);
}

absl::StatusOr<std::vector<std::vector<ClassScore>>> Predictor::Classify(
    absl::Span<const Tensor> images, int64_t count) {
  for (size_t i = 0; i < images.size(); ++i) {
    if (const absl::Status status = CheckImage(images[i]); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("image ", i, ": ", status.message()));
    }
  }
  const int64_t elements = image_shape().elements();
  std::vector<std::vector<ClassScore>> answers;
  LENSLET_RETURN_IF_ERROR(ForEachBlock(
      images.size(),
      [&](int64_t first, int64_t size, float* input) {
        for (const Tensor& image : images.subspan(first, size)) {
          ReadImage(image, input);
          input += elements;
        }
      },
      [&](int64_t /*first*/, View<const float> scores) -> absl::Status {
        for (int64_t i = 0; i < scores.shape().dim(0); ++i) {
          LENSLET_ASSIGN_OR_RETURN(std::vector<ClassScore> answer,
                                   Rank(scores.Slice(i, i + 1).span(), count));
          answers.push_back(std::move(answer));
        }
        return absl::OkStatus();
      }));
  return answers;
}

template <typename Element, typename Read>
absl::Status Predictor::PredictAll(absl::Span<const Element> images,
                                   absl::Span<float> outputs, Read read) {
  const int64_t elements = image_shape().elements();
  const int64_t classes = output_shape().elements();
  const int64_t count = static_cast<int64_t>(images.size()) / elements;
  if (static_cast<int64_t>(images.size()) != count * elements ||
      static_cast<int64_t>(outputs.size()) != count * classes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the images have ", images.size(), " elements and the outputs ",
        outputs.size(), "; expected ", elements, " for each image of shape ",
        image_shape().ToString(), " and ", classes, " for its outputs"));
  }
  return ForEachBlock(
      count,
      [&](int64_t first, int64_t size, float* input) {
        read(images.subspan(first * elements, size * elements), input);
      },
      [&](int64_t first, View<const float> scores) {
        std::copy(scores.span().begin(), scores.span().end(),
                  outputs.data() + first * classes);
        return absl::OkStatus();
      });
}

absl::Status Predictor::Predict(absl::Span<const uint8_t> images,
                                absl::Span<float> outputs) {
  return PredictAll(images, outputs,
                    [this](absl::Span<const uint8_t> bytes, float* input) {
                      ReadPixels(bytes, input);
                    });
}

absl::Status Predictor::Predict(absl::Span<const float> examples,
                                absl::Span<float> outputs) {
  return PredictAll(examples, outputs,
                    [this](absl::Span<const float> numbers, float* input) {
                      NormalizeNumbers(numbers, ChannelsOf(image_shape()),
                                       network_->normalization, input);
                    });
}

absl::StatusOr<std::vector<ClassScore>> Predictor::Rank(
    absl::Span<const float> scores, int64_t count) const {
  if (count < 0) {
    return BadValue("count", count, "at least 0");
  }
  const OutputTargets& targets = network_->targets;
  if (targets.kind != TargetKind::kClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat("the network's outputs are ", Name(targets.kind),
                     ", not classes; Predict() computes them"));
  }
  LENSLET_RETURN_IF_ERROR(CheckOneScoreForEachClass(
      network_->folded.graph, static_cast<int64_t>(targets.names.size())));
  Tensor row({1, static_cast<int64_t>(scores.size())});
  std::copy(scores.begin(), scores.end(), row.data());
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities, Softmax(row));
  std::vector<ClassScore> result;
  for (size_t i = 0; i < targets.names.size(); ++i) {
    result.push_back({.class_index = static_cast<int64_t>(i),
                      .class_name = targets.names[i],
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
