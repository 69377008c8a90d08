// Addition through XNNPACK's operator for two inputs, once for each input after
// the first. The gradients are copies.

#ifndef LENSLET_OPS_ADD_ADD_XNNPACK_H_
#define LENSLET_OPS_ADD_ADD_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. As many inputs as are bound, no
// parameters. Errors: Unimplemented for a CPU that XNNPACK does not know.
absl::StatusOr<std::unique_ptr<Kernel>> MakeAddXnnpackKernel(int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_XNNPACK_H_
