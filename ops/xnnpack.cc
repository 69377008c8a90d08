#include "lenslet/ops/xnnpack.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"

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

void RunXnn(const XnnOperator& op) {
  CheckXnn(xnn_run_operator(op.get(), /*threadpool=*/nullptr));
}

}  // namespace lenslet
