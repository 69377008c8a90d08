// Networks with random parameters, for other programs to judge.

#ifndef LENSLET_TESTS_RANDOM_CASE_H_
#define LENSLET_TESTS_RANDOM_CASE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/base/random.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// A network, images from -1 to 1, and what the reference backend computes of
// them.
struct RandomCase {
  TrainedNetwork network;
  std::vector<float> images;
  std::vector<float> outputs;

  const Shape& input() const { return network.graph.inputs()[0].shape; }
  const Shape& output() const {
    return network.graph.ShapeOfValue(network.graph.output_value());
  }
};

// Each layer's outputs are of the order of its inputs. The model has one input.
// Errors: as BuildGraph(); ResourceExhausted.
absl::StatusOr<RandomCase> MakeRandomCase(const ModelProto& model,
                                          int64_t images, Random& random);

}  // namespace lenslet

#endif  // LENSLET_TESTS_RANDOM_CASE_H_
