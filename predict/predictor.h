// Classifies images with a trained model.

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
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct ClassScore {
  int64_t class_index = 0;  // The class's label in data sets.
  std::string class_name;
  double probability = 0;
};

struct PredictorOptions {
  // The typical number of images per call of Predict(), at least 1.
  int64_t images = 1;
  // Default: the fastest for that many images.
  std::optional<Backend> backend = {};
};

// Not thread-safe.
class Predictor {
 public:
  // Errors: InvalidArgument for options out of their range; if the checkpoint's
  // model is invalid, has more than one input, or does not output one score per
  // class; or if its normalization does not fit the model's images.
  // ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Predictor>> Create(
      const CheckpointProto& checkpoint, const PredictorOptions& options = {});

  // The names of the backends in use: "direct", or "direct, xnnpack".
  std::string BackendNames() const { return executor_->BackendNames(); }

  // The shape of the images that Predict() takes: [height, width, channels].
  const Shape& image_shape() const { return graph_.inputs()[0].shape; }

  // Returns the most probable classes of an image, best first. Returns at most
  // `count` classes, which must be at least 0. Errors: InvalidArgument for an
  // image of another shape or of elements other than uint8.
  absl::StatusOr<std::vector<ClassScore>> Predict(const Tensor& image,
                                                  int64_t count);

  // The same for each of several images. Errors name the image's index.
  absl::StatusOr<std::vector<std::vector<ClassScore>>> Predict(
      absl::Span<const Tensor> images, int64_t count);

 private:
  Predictor(const Graph& graph, Parameters parameters,
            std::vector<std::string> class_names, Normalization normalization,
            const PredictorOptions& options)
      : graph_(graph),
        parameters_(std::move(parameters)),
        class_names_(std::move(class_names)),
        normalization_(std::move(normalization)),
        block_(options.images) {}

  absl::Status CheckImage(const Tensor& image) const;
  void ReadPixels(const Tensor& image, float* input) const;
  // Returns the best classes for one image's scores.
  absl::StatusOr<std::vector<ClassScore>> Rank(absl::Span<const float> scores,
                                               int64_t count) const;

  const Graph graph_;
  const Parameters parameters_;
  const std::vector<std::string> class_names_;
  const Normalization normalization_;
  const int64_t block_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace lenslet

#endif  // LENSLET_PREDICT_PREDICTOR_H_
