#include "ops/xnnpack.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/memory.h"

namespace lenslet {

absl::Status XnnStatus(absl::string_view what, xnn_status status) {
  switch (status) {
    case xnn_status_success:
      return absl::OkStatus();
    case xnn_status_out_of_memory:
      return absl::ResourceExhaustedError(
          absl::StrCat("XNNPACK has no memory for ", what));
    case xnn_status_unsupported_hardware:
      return absl::UnimplementedError(
          absl::StrCat("XNNPACK does not know this CPU (", what, ")"));
    default:
      return absl::UnimplementedError(absl::StrCat(
          "XNNPACK has no ", what, " of this kind (its status ", status, ")"));
  }
}

void CheckXnn(xnn_status status) {
  LENSLET_CHECK(status == xnn_status_success);
}

absl::Status CheckIndirectionMemory(absl::string_view what, int64_t positions,
                                    int64_t taps) {
  int64_t bytes;
  // XNNPACK rounds the positions up to a multiple of what a kernel computes at
  // once, less than 64.
  if (__builtin_mul_overflow(positions + 64, taps, &bytes) ||
      __builtin_mul_overflow(bytes, int64_t{sizeof(void*)}, &bytes)) {
    bytes = std::numeric_limits<int64_t>::max();
  }
  return CheckMemory(bytes, what);
}

void RunXnn(const XnnOperator& op) {
  CheckXnn(xnn_run_operator(op.get(), /*threadpool=*/nullptr));
}

}  // namespace lenslet
