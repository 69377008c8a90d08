// Softmax with cross-entropy: the simple calls, and the kernels of all
// backends. What it computes stands in softmax_cross_entropy_spec.h.
//
//   absl::StatusOr<Tensor> losses = CrossEntropy(logits, labels);

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// For up to `images` images with scores of shape `scores`. Errors: as
// OutputShape(), and Unimplemented for a CPU that the backend does not know.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeSoftmaxCrossEntropy(
    Backend backend, const SoftmaxCrossEntropySpec& spec, const Shape& scores,
    int64_t images);

// The simple calls. Errors: InvalidArgument, naming the argument and its
// values.

// Returns p, for x [N, classes]; computed in double.
absl::StatusOr<Tensor> Softmax(const Tensor& x);

// Returns the losses [N], for x [N, classes] and N labels.
absl::StatusOr<Tensor> CrossEntropy(const Tensor& x,
                                    absl::Span<const int32_t> labels,
                                    Backend backend = Backend::kReference);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_H_
