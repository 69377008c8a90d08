// The implementations that an operator's kernels come in.

#ifndef LENSLET_OPS_BACKEND_H_
#define LENSLET_OPS_BACKEND_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

enum class Backend : uint8_t {
  // Plain loops with sums in double: the definition of every operator. Slow.
  kReference,
  // XNNPACK's operators, for inference and training. Has what XNNPACK has.
  kXnnpack,
  // Kernels of our own for training and for large batches, with 16 images in
  // the lanes of vectors (tensor/lanes.h).
  kLanes,
  // Kernels of our own for inference with one or few images, with an image's
  // channels or pixels in the lanes of vectors. None has Backward().
  kDirect,
};

inline constexpr std::array<Backend, 4> kBackends = {
    Backend::kReference, Backend::kXnnpack, Backend::kLanes, Backend::kDirect};

// Those whose kernels have Backward().
inline constexpr std::array<Backend, 3> kTrainingBackends = {
    Backend::kReference, Backend::kXnnpack, Backend::kLanes};

inline constexpr bool CanTrain(Backend backend) {
  return backend != Backend::kDirect;
}

// "reference", "xnnpack", "lanes", "direct"
absl::string_view Name(Backend backend);

// Whether kernels can apply an activation to their own result, if it has
// GradientFromOutput() (ops/activation/activation_spec.h).
inline constexpr bool AppliesActivations(Backend backend) {
  return backend == Backend::kLanes || backend == Backend::kDirect;
}

// Unimplemented: the backend's kernels apply nothing besides their operator, or
// no such thing.
absl::Status NoFusion(Backend backend);

// The backend of that name. Errors: InvalidArgument, naming the known ones.
absl::StatusOr<Backend> BackendByName(absl::string_view name);

}  // namespace lenslet

#endif  // LENSLET_OPS_BACKEND_H_
