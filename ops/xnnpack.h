// Helpers for the operators' XNNPACK files. Nothing else includes this.

#ifndef LENSLET_OPS_XNNPACK_H_
#define LENSLET_OPS_XNNPACK_H_

#include <xnnpack.h>

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/xnnpack_versions.h"

namespace lenslet {

inline constexpr float kXnnNoMin = -std::numeric_limits<float>::infinity();
inline constexpr float kXnnNoMax = std::numeric_limits<float>::infinity();

// Calls create(&op) and stores the operator in `op`. `create` is an
// xnn_create_... function with all arguments but the last bound. Errors name
// `what`: Unimplemented if XNNPACK does not support the case or the CPU;
// ResourceExhausted.
template <typename Create>
absl::Status CreateXnnOperator(absl::string_view what, Create create,
                               XnnOperator& op);

// Aborts unless setting up an operator succeeded. For calls that allocate no
// memory, or no more than an earlier call did.
void CheckXnn(xnn_status status);

// Runs on the calling thread.
void RunXnn(const XnnOperator& op);

// Errors: as CreateXnnOperator().
absl::Status XnnStatus(absl::string_view what, xnn_status status);

template <typename Create>
absl::Status CreateXnnOperator(absl::string_view what, Create create,
                               XnnOperator& op) {
  // Costs nothing after the first time; safe from all threads.
  if (const xnn_status status = xnn_initialize(/*allocator=*/nullptr);
      status != xnn_status_success) {
    return XnnStatus("initialization", status);
  }
  op.reset();
  xnn_operator_t created = nullptr;
  const xnn_status status = create(&created);
  op.reset(created);
  return XnnStatus(what, status);
}

}  // namespace lenslet

#endif  // LENSLET_OPS_XNNPACK_H_
