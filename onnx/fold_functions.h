// The functions of FoldConstants(), by what they do, and what they share.

#ifndef LENSLET_ONNX_FOLD_FUNCTIONS_H_
#define LENSLET_ONNX_FOLD_FUNCTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/node_reader.h"

namespace lenslet {

using ConstantOr = absl::StatusOr<OnnxConstant>;
// Those that are not given are nullptr.
using ConstantInputs = absl::Span<const OnnxConstant* const>;

// Computes the node if it is elementwise, such as Add, Cast or Where; else
// nullopt.
std::optional<ConstantOr> FoldElementwise(const NodeReader& node,
                                          ConstantInputs inputs);
// The same of products of matrices, and of sums and other reductions.
std::optional<ConstantOr> FoldSums(const NodeReader& node,
                                   ConstantInputs inputs);

// Elementwise Mul or Add, or another that has two inputs.
ConstantOr Combined(absl::string_view type, const OnnxConstant& a,
                    const OnnxConstant& b);

// InvalidArgument if there are fewer inputs.
absl::Status CheckGiven(ConstantInputs inputs, size_t count);
// InvalidArgument if a result of these sizes has more numbers than the largest
// of the inputs and 2^20.
absl::Status CheckSize(const Ints& sizes, ConstantInputs inputs);
// Errors: InvalidArgument for an axis that an input of this rank does not have.
absl::StatusOr<int64_t> AxisOf(int64_t axis, int64_t rank);
// The numbers of an optional input, or else of an attribute. Operators changed
// from one to the other.
absl::StatusOr<Ints> IntsOf(const NodeReader& node, ConstantInputs inputs,
                            size_t i, absl::string_view attribute);

int64_t ProductOf(const Ints& sizes);
// The sizes of an array that repeats both where they have size 1, as ONNX does.
absl::StatusOr<Ints> BroadcastSizes(const Ints& a, const Ints& b);
// How far apart an array's elements are along each axis of `sizes`; 0 where it
// repeats them.
Ints BroadcastStrides(const Ints& dims, const Ints& sizes);

// Of an array that repeats all inputs, and at least one. Errors: as
// CheckGiven() and CheckSize().
absl::StatusOr<Ints> SizesOfAll(ConstantInputs inputs);

// Takes elements by their index.
OnnxConstant Select(const OnnxConstant& x, Ints dims, const Ints& indices);

}  // namespace lenslet

#endif  // LENSLET_ONNX_FOLD_FUNCTIONS_H_
