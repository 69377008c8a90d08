// Runs a trained model: classifies images, or computes its outputs.

#ifndef LENSLET_PREDICT_PREDICTOR_H_
#define LENSLET_PREDICT_PREDICTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct ClassScore {
  int64_t class_index = 0;  // The class's label in data sets.
  std::string class_name;
  double probability = 0;
};

// Both options select kernels. Predictors with other `images` or another
// `backend` add in another order, so their results differ by rounding; for the
// same bits, set both.
struct PredictorOptions {
  // The typical number of images per call of Classify(), at least 1.
  int64_t images = 1;
  // Default: the fastest for that many images.
  std::optional<Backend> backend = {};
};

// Not thread-safe.
class Predictor {
 public:
  // Errors: InvalidArgument for options out of their range; if the checkpoint's
  // model is invalid, or its targets do not fit it (CheckOutputTargets()); or
  // if its normalization does not fit the model's inputs. ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Predictor>> Create(
      const CheckpointProto& checkpoint, const PredictorOptions& options = {});

  // The same for a network that is not in a checkpoint. Copies everything.
  static absl::StatusOr<std::unique_ptr<Predictor>> Create(
      const Graph& graph, const Parameters& parameters, OutputTargets targets,
      Normalization normalization, const PredictorOptions& options = {});

  // Makes another predictor of the same network, for example for another
  // thread. Both share the parameters in memory. Errors: InvalidArgument for
  // options out of their range; ResourceExhausted.
  absl::StatusOr<std::unique_ptr<Predictor>> Share(
      const PredictorOptions& options = {}) const;

  // The names of the backends in use: "direct", or "direct, xnnpack".
  std::string BackendNames() const { return executor_->BackendNames(); }

  // The shape of the images that Classify() takes: [height, width, channels].
  const Shape& image_shape() const {
    return network_->folded.graph.inputs()[0].shape;
  }

  // The shape of the outputs for one example.
  const Shape& output_shape() const {
    const Graph& graph = network_->folded.graph;
    return graph.ShapeOfValue(graph.output_value());
  }

  const OutputTargets& targets() const { return network_->targets; }

  // Returns the most probable classes of an image, best first. Returns at most
  // `count` classes, which must be at least 0. Errors: InvalidArgument for an
  // image of another shape, and if the network does not output a score for each
  // class. Bytes and floats are normalized (data/normalization.h): floats from
  // 0 to 1 are what bytes are, divided by 255.
  absl::StatusOr<std::vector<ClassScore>> Classify(const Tensor& image,
                                                   int64_t count);

  // The same for each of several images. Errors name the image's index.
  absl::StatusOr<std::vector<std::vector<ClassScore>>> Classify(
      absl::Span<const Tensor> images, int64_t count);

  // Computes the network's outputs for any number of images, one after another,
  // and writes them to `outputs`: for each image, a score for each class or
  // label, before softmax or sigmoid, or the values. Normalizes bytes
  // (NormalizePixels() in data/normalization.h) and floats
  // (NormalizeNumbers()), so that examples are as they are in data sets. If the
  // network was trained on bytes, floats are bytes divided by 255. Allocates
  // nothing. Errors: InvalidArgument for numbers of elements that do not fit.
  absl::Status Predict(absl::Span<const uint8_t> images,
                       absl::Span<float> outputs);
  absl::Status Predict(absl::Span<const float> examples,
                       absl::Span<float> outputs);

  // Returns what Classify() does, of the outputs that Predict() wrote for one
  // image. Errors: as Classify().
  absl::StatusOr<std::vector<ClassScore>> Rank(absl::Span<const float> scores,
                                               int64_t count) const;

 private:
  // What predictors share.
  struct SharedNetwork {
    FoldedNetwork folded;
    OutputTargets targets;
    Normalization normalization;
  };

  Predictor(std::shared_ptr<const SharedNetwork> network,
            const PredictorOptions& options)
      : network_(std::move(network)), block_(options.images) {}

  static absl::StatusOr<std::unique_ptr<Predictor>> Create(
      std::shared_ptr<const SharedNetwork> network,
      const PredictorOptions& options);
  // Runs the network on that many images, block by block: calls read(first,
  // size, input) to write a block's inputs, and then use(first, scores), which
  // returns a status. `first` is the index of the block's first image.
  template <typename Read, typename Use>
  absl::Status ForEachBlock(int64_t images, Read read, Use use);
  // Predict() for elements that `read` turns into inputs.
  template <typename Element, typename Read>
  absl::Status PredictAll(absl::Span<const Element> images,
                          absl::Span<float> outputs, Read read);
  absl::Status CheckImage(const Tensor& image) const;
  void ReadPixels(absl::Span<const uint8_t> bytes, float* input) const;
  void ReadImage(const Tensor& image, float* input) const;

  const std::shared_ptr<const SharedNetwork> network_;
  const int64_t block_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace lenslet

#endif  // LENSLET_PREDICT_PREDICTOR_H_
