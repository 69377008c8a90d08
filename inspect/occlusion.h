// Occlusion maps: which places of an image a prediction depends on.
//
// A gray square hides one place of the image after another. At each pixel, the
// map is the mean over the squares that hide it of
//
//   p(class | image) - p(class | image with the square)
//
// so it is positive where the network needs to see the pixel, and negative
// where the pixel speaks against the class. Source: Zeiler and Fergus,
// "Visualizing and understanding convolutional networks", 2014, section 4.2.

#ifndef LENSLET_INSPECT_OCCLUSION_H_
#define LENSLET_INSPECT_OCCLUSION_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct OcclusionOptions {
  // The side of the square in pixels, at least 1. It is cut at the borders. 0:
  // a quarter of the image's shorter side.
  int64_t side = 0;
  // The distance from one square to the next, in [1, side]. 0: a quarter of the
  // side.
  int64_t stride = 0;
  // The byte that a hidden pixel has in each channel. In an image of numbers,
  // it has the middle of the image's range.
  uint8_t gray = 128;
  // The normalization that the network was trained with.
  Normalization normalization = {};
};

// Owns a network. Not thread-safe.
class Occlusion {
 public:
  // For a network with one input [height, width, channels] and one row of
  // scores, of which the probabilities are the softmax. `parameters` must
  // outlive the object and may not move. Errors: InvalidArgument, naming the
  // field or the shape, for other networks and options; as Executor::Create().
  static absl::StatusOr<std::unique_ptr<Occlusion>> Create(
      const Graph& graph, const Parameters& parameters,
      const OcclusionOptions& options = {});

  // Returns the probabilities of the classes for an image of the input's shape,
  // of bytes or of numbers.
  std::vector<double> Probabilities(const Tensor& image);

  // Returns the map [height, width] of such an image.
  // `label` is in [0, classes). Errors: ResourceExhausted.
  absl::StatusOr<Tensor> Map(const Tensor& image, int64_t label);

  // The options with their defaults.
  const OcclusionOptions& options() const { return options_; }

 private:
  explicit Occlusion(const OcclusionOptions& options) : options_(options) {}

  OcclusionOptions options_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace lenslet

#endif  // LENSLET_INSPECT_OCCLUSION_H_
