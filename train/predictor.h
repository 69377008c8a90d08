// Classifies images with a trained model.

#ifndef LENSLET_TRAIN_PREDICTOR_H_
#define LENSLET_TRAIN_PREDICTOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "layers/executor.h"
#include "layers/graph.h"
#include "layers/parameters.h"
#include "ops/backend.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"
#include "tensor/view.h"
#include "train/checkpoint.pb.h"

namespace lenslet {

struct ClassScore {
  int64_t class_index = 0;  // The label that data sets give the class.
  std::string class_name;
  double probability = 0;
};

// One thread at a time.
class Predictor {
 public:
  // Errors: InvalidArgument for a checkpoint whose model is wrong, has more
  // than one input, or does not give one score for each class;
  // ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Predictor>> Create(
      const CheckpointProto& checkpoint, Backend backend);

  // The images that Predict() takes: [height, width, channels].
  const Shape& image_shape() const { return graph_.inputs()[0].shape; }

  // The most probable classes of an image, the best first: as many as there
  // are, but at most `count`, at least 0. Errors: InvalidArgument for an image
  // of another shape or elements other than uint8.
  absl::StatusOr<std::vector<ClassScore>> Predict(const Tensor& image,
                                                  int64_t count);

 private:
  Predictor(const Graph& graph, Parameters parameters,
            std::vector<std::string> class_names)
      : graph_(graph),
        parameters_(std::move(parameters)),
        class_names_(std::move(class_names)) {}

  const Graph graph_;
  const Parameters parameters_;
  const std::vector<std::string> class_names_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_PREDICTOR_H_
