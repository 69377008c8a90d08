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
};

inline constexpr std::array<Backend, 3> kBackends = {
    Backend::kReference, Backend::kXnnpack, Backend::kLanes};

// "reference", "xnnpack", "lanes"
absl::string_view Name(Backend backend);

// Unimplemented: the backend's kernels apply nothing besides their operator.
absl::Status NoFusion(Backend backend);

// The backend of that name. Errors: InvalidArgument, naming the known ones.
absl::StatusOr<Backend> BackendByName(absl::string_view name);

}  // namespace lenslet

#endif  // LENSLET_OPS_BACKEND_H_
