// Computes nodes of an ONNX graph whose inputs are constants. Exporters write
// them mostly to compute shapes.

#ifndef LENSLET_ONNX_FOLD_CONSTANTS_H_
#define LENSLET_ONNX_FOLD_CONSTANTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/node_reader.h"

namespace lenslet {

// Computes the node for these inputs; those that are not given are nullptr.
// Whole numbers may be kBatchSize, which passes through what only moves it. The
// result has at most as many numbers as all inputs together; of
// ConstantOfShape, MatMul and arithmetic that repeats numbers, it may have up
// to 2^20. Errors: Unimplemented for another operator; InvalidArgument for
// inputs or attributes that do not fit, for a larger result or one of more than
// kMaxConstantAxes axes, and for arithmetic with kBatchSize.
absl::StatusOr<OnnxConstant> FoldConstants(
    const NodeReader& node, absl::Span<const OnnxConstant* const> inputs);

// Returns the constant with its axes in the given order, which is a permutation
// of them.
OnnxConstant Transposed(const OnnxConstant& constant,
                        const std::vector<int64_t>& order);

}  // namespace lenslet

#endif  // LENSLET_ONNX_FOLD_CONSTANTS_H_
