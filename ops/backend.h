// The implementations that an operator's kernels come in.

#ifndef LENSLET_OPS_BACKEND_H_
#define LENSLET_OPS_BACKEND_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

enum class Backend : uint8_t {
  // Plain loops with sums in double: the definition of every operator. Slow.
  kReference,
  // XNNPACK's operators, for inference and training. Has what XNNPACK has.
  kXnnpack,
};

inline constexpr std::array<Backend, 2> kBackends = {Backend::kReference,
                                                     Backend::kXnnpack};

// "reference", "xnnpack"
absl::string_view Name(Backend backend);

// The backend of that name. Errors: InvalidArgument, naming the known ones.
absl::StatusOr<Backend> BackendByName(absl::string_view name);

}  // namespace lenslet

#endif  // LENSLET_OPS_BACKEND_H_
