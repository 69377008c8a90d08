// The kernels of linear layers. MakeLinearKernel() (linear.h) chooses among
// them.

#ifndef LENSLET_OPS_LINEAR_KERNELS_H_
#define LENSLET_OPS_LINEAR_KERNELS_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/linear/linear.h"

namespace lenslet {

// The definition of the linear operator and its gradients, as loops.
//
// `rows` is the number of rows of one image. Parameters: weight and, if the
// spec has one, bias. Sums are in double.
std::unique_ptr<Kernel> MakeLinearReferenceKernel(const LinearSpec& spec,
                                                  int64_t rows);

// The linear operator with the images of a block in lanes.
//
// The output and the input's gradient are weighted sums
// (ops/lanes/weighted_sums.h) with one position for each row of each group of
// images. The weight's gradient is a product of matrices with a row for each
// image. For it, inputs and output gradients are transposed out of the lanes.
//
// For blocks of up to `images` images of `rows` rows of input_features.
// Parameters: weight and, if the spec has one, bias. The activation, if there
// is one, is applied to the result.
std::unique_ptr<Kernel> MakeLinearLanesKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation);

// The linear operator with output features in the lanes of vectors
// (ops/direct/channel_sums.h): for inference with one or few images. Few
// outputs of single rows are several sums each (ops/direct/row_sums.h), which
// depends on the shape alone.
//
// For blocks of up to `images` images of `rows` rows each. Parameters: weight
// and, if the spec has one, bias. The activation, if there is one, is applied
// to the result. No Backward().
std::unique_ptr<Kernel> MakeLinearDirectKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation);

// The linear operator through XNNPACK. Its fully connected operator computes
// the output and the input's gradient. The parameters' gradients are our own
// code.
//
// XNNPACK packs the weight when an operator is created. So ParametersChanged()
// recreates the operators: it allocates, and takes time that grows with the
// weight.
//
// `rows` is the number of rows of one image. Parameters: weight and, if the
// spec has one, bias.
std::unique_ptr<Kernel> MakeLinearXnnpackKernel(const LinearSpec& spec,
                                                int64_t rows);

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_KERNELS_H_
