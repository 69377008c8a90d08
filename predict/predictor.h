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
  int64_t class_index = 0;  // The label that data sets give the class.
  std::string class_name;
  double probability = 0;
};

struct PredictorOptions {
  // Images that Predict() will be given at once, as a rule; at least 1.
  int64_t images = 1;
  // Without: the fastest for that many.
  std::optional<Backend> backend = {};
};

// One thread at a time.
class Predictor {
 public:
  // Errors: InvalidArgument for a checkpoint whose model is wrong, has more
  // than one input, or does not give one score for each class, or whose
  // normalization does not fit its images;
  // InvalidArgument for options out of their range too; ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Predictor>> Create(
      const CheckpointProto& checkpoint, const PredictorOptions& options = {});

  // The names of the backends that compute: "direct", or "direct, xnnpack".
  std::string BackendNames() const { return executor_->BackendNames(); }

  // The images that Predict() takes: [height, width, channels].
  const Shape& image_shape() const { return graph_.inputs()[0].shape; }

  // The most probable classes of an image, the best first: as many as there
  // are, but at most `count`, at least 0. Errors: InvalidArgument for an image
  // of another shape or elements other than uint8.
  absl::StatusOr<std::vector<ClassScore>> Predict(const Tensor& image,
                                                  int64_t count);

  // The same for each of several images. Errors: as for one, naming the image's
  // place among them.
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
  // The best classes by one image's scores.
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
