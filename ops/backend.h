// The backends: alternative implementations of each operator's kernels.

#ifndef LENSLET_OPS_BACKEND_H_
#define LENSLET_OPS_BACKEND_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

enum class Backend : uint8_t {
  // Plain loops that sum in double: the definition of every operator. Slow.
  kReference,
  // XNNPACK's operators, for inference and training. Limited to the cases that
  // XNNPACK supports.
  kXnnpack,
  // Our SIMD kernels for training and large batches. The lanes of vectors hold
  // different images, in groups of 16 (tensor/lanes.h).
  kLanes,
  // Our SIMD kernels for inference with one or few images. Vectors hold
  // channels or pixels of one image. No Backward().
  kDirect,
};

inline constexpr std::array<Backend, 4> kBackends = {
    Backend::kReference, Backend::kXnnpack, Backend::kLanes, Backend::kDirect};

// The backends whose kernels have Backward().
inline constexpr std::array<Backend, 3> kTrainingBackends = {
    Backend::kReference, Backend::kXnnpack, Backend::kLanes};

inline constexpr bool CanTrain(Backend backend) {
  return backend != Backend::kDirect;
}

// "reference", "xnnpack", "lanes", "direct"
absl::string_view Name(Backend backend);

// Whether kernels can apply an activation to their result. Only activations
// with GradientFromOutput() qualify (ops/activation/activation_spec.h).
inline constexpr bool AppliesActivations(Backend backend) {
  return backend == Backend::kLanes || backend == Backend::kDirect;
}

// Returns an Unimplemented error: the backend's kernels cannot fuse this
// epilogue, or any.
absl::Status NoFusion(Backend backend);

// Returns the backend with this name. Errors: InvalidArgument, listing the
// known names.
absl::StatusOr<Backend> BackendByName(absl::string_view name);

}  // namespace lenslet

#endif  // LENSLET_OPS_BACKEND_H_
