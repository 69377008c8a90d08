// Argument checks and outputs for the operators' simple calls.

#ifndef LENSLET_OPS_SIMPLE_CALL_H_
#define LENSLET_OPS_SIMPLE_CALL_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Errors: InvalidArgument, naming the argument, unless `tensor` holds floats
// and has `rank` dimensions. Errors print the expected dimensions as `layout`.
absl::Status CheckFloats(absl::string_view argument, const Tensor& tensor,
                         absl::string_view layout, int rank);

// For convolutions of any kind over `rank` spatial dimensions, 1 to 3. Errors:
// InvalidArgument, naming the argument, unless all tensors hold floats, x is
// [N, ..., Cin], filter [Cout, ..., Cin], and bias null or [Cout].
absl::Status CheckConvArguments(int rank, const Tensor& x, const Tensor& filter,
                                const Tensor* bias);

// The shape of one image of a batch: all dimensions of x but the first. Errors:
// InvalidArgument unless the first dimension is at least 1.
absl::StatusOr<Shape> ImageShape(const Tensor& x);

// Allocates the output tensor for a batch. Errors: InvalidArgument,
// ResourceExhausted.
absl::StatusOr<Tensor> MakeOutput(int64_t images, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_SIMPLE_CALL_H_
