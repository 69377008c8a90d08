// Where the time of training, or of inference, goes: layer by layer.

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
  int64_t block = 16;        // Images that go through the network together.
  int64_t batch_size = 256;  // Images in what is measured at once.
  int64_t repeats = 20;      // Batches to measure.
  // Whether to train; otherwise images go forward, loss included.
  bool training = true;
};

// Of the fastest batch, which other programs disturbed least. Seconds and
// operations are those of one image.
struct Profile {
  struct Layer {
    Backend backend = Backend::kReference;
    // Whether the kernel of a layer before computes this one; then the time is
    // that layer's: of those before, the nearest that is not fused.
    bool fused = false;
    double forward_seconds = 0;
    double backward_seconds = 0;
    // Floating-point operations: two for each multiply-add of the layer's
    // cost; backward, as many for the gradient by the weight, and again by the
    // input where it is wanted, that is, where something upstream has
    // parameters; of those that training changes.
    int64_t forward_flops = 0;
    int64_t backward_flops = 0;
  };

  bool training = true;            // As in the options.
  std::vector<Layer> layers = {};  // Of each node of the graph.
  double read_seconds = 0;         // Making floats of images.
  double loss_seconds = 0;         // The loss and its gradient.
  // What the backend does when parameters have changed: XNNPACK packs weights.
  double prepare_seconds = 0;
  // All of it, on a clock outside. What is in none of the others is the
  // trainer's: adding gradients up, the update, metrics, timers.
  double total_seconds = 0;
};

// Runs the network on one thread, as the trainer (train/trainer.h) or the
// evaluator does, with parameters by Xavier, on random images and labels that
// are read from an array too large for the L2 cache, unless images are tiny.
// Errors: InvalidArgument for an option below 1, a graph that does not take one
// image and give a vector of scores, or one that has no parameters and is to be
// trained; ResourceExhausted.
absl::StatusOr<Profile> MeasureProfile(const Graph& graph,
                                       const ProfileOptions& options);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_PROFILE_H_
