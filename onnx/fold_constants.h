// Computes nodes of an ONNX graph whose inputs are constants. Exporters write
// them mostly to compute shapes.

#ifndef LENSLET_ONNX_FOLD_CONSTANTS_H_
#define LENSLET_ONNX_FOLD_CONSTANTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/node_reader.h"

namespace lenslet {

// Computes the node for these inputs, in the types of their numbers; inputs
// that are not given are nullptr. Whole numbers of 32 bits or fewer wrap, as
// those of other programs do. Sizes may be kBatchSize, which passes through
// what only moves it. The result has at most 2^20 numbers, or as many as all
// inputs together or the largest has. Errors: Unimplemented for another
// operator; InvalidArgument for inputs or attributes that do not fit, for a
// larger result or one of more than kMaxConstantAxes axes, for arithmetic with
// kBatchSize, for whole numbers that are divided by 0 or do not fit 64 bits,
// and for floats that do not fit the type of whole numbers that they become.
absl::StatusOr<OnnxConstant> FoldConstants(
    const NodeReader& node, absl::Span<const OnnxConstant* const> inputs);

// How often the node adds or multiplies more than once for each number of its
// inputs and result, if it is a product of matrices or the like; else 0.
int64_t WorkOf(const NodeReader& node,
               absl::Span<const OnnxConstant* const> inputs);

// The sizes, as the node (Shape) reads them.
absl::StatusOr<OnnxConstant> ShapeFrom(const NodeReader& node,
                                       const std::vector<int64_t>& sizes);

// Returns the constant with its axes in the given order, which is a permutation
// of them.
OnnxConstant Transposed(const OnnxConstant& constant,
                        const std::vector<int64_t>& order);

}  // namespace lenslet

#endif  // LENSLET_ONNX_FOLD_CONSTANTS_H_
