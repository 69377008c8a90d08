// Measures the time of training or inference, layer by layer.

#ifndef LENSLET_INSPECT_PROFILE_H_
#define LENSLET_INSPECT_PROFILE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

struct ProfileOptions {
  Backend backend = Backend::kLanes;
  int64_t block = 16;        // Images that the network processes together.
  int64_t batch_size = 256;  // Images per measurement.
  int64_t repeats = 20;      // Batches to measure.
  // Whether to train. Otherwise measures only the forward pass and the loss.
  bool training = true;
};

// The times of the fastest batch, which other programs disturbed least. Seconds
// and operations are per image.
struct Profile {
  struct Layer {
    Backend backend = Backend::kReference;
    // Whether the kernel of an earlier layer also computes this one. The time
    // then counts for the nearest earlier layer that is not fused.
    bool fused = false;
    double forward_seconds = 0;
    double backward_seconds = 0;
    // Floating-point operations: two for each multiply-add of the layer's cost.
    // Backward, the gradient w.r.t. the weight counts as many, if training
    // changes the weight. The gradient w.r.t. the input counts as many again,
    // if training changes parameters of an earlier layer.
    int64_t forward_flops = 0;
    int64_t backward_flops = 0;
  };

  bool training = true;            // As in the options.
  std::vector<Layer> layers = {};  // One for each node of the graph.
  double read_seconds = 0;         // Converting images to floats.
  double loss_seconds = 0;         // The loss and its gradient.
  // The backend's work after parameters have changed: XNNPACK packs weights.
  double prepare_seconds = 0;
  // The whole time, measured from outside. The rest is the trainer's own work:
  // summing gradients, the update, metrics, timers.
  double total_seconds = 0;
};

// Runs the network on one thread, as the trainer (train/trainer.h) or the
// evaluator does. Parameters are from Xavier initialization; images and labels
// are random. They come from an array too large for the L2 cache, unless images
// are tiny. Errors: InvalidArgument for an option below 1, a graph that does
// not map one image to a vector of scores, or training a graph without
// parameters; ResourceExhausted.
absl::StatusOr<Profile> MeasureProfile(const Graph& graph,
                                       const ProfileOptions& options);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_PROFILE_H_
