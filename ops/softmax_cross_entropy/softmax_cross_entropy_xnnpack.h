// Softmax with cross-entropy around XNNPACK's softmax operator.
//
// The loss needs log s, which XNNPACK keeps to itself; but the largest
// probability is 1 / s and at least 1 / classes, so log s = -log(max p), to a
// few roundings of numbers near 1.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_XNNPACK_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"

namespace lenslet {

// Errors: Unimplemented for a CPU that XNNPACK does not know,
// ResourceExhausted.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeSoftmaxCrossEntropyXnnpack(
    const SoftmaxCrossEntropySpec& spec, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_XNNPACK_H_
