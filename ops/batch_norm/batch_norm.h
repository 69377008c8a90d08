// Batch normalization: normalizes each channel to mean 0 and variance 1 over a
// block of images, then applies a learned scale and shift.
//
//   y[n, ..., c] = scale[c] * z + shift[c]
//              z = (x[n, ..., c] - mean[c]) / sqrt(variance[c] + epsilon)
//
// Shapes:
//   x, y                                            [N, ..., channels]
//   scale, shift, running_mean, running_variance    [channels]
//
// In training, mean and variance are taken over the m values of a channel in
// all of the block's images and positions. The variance is the mean squared
// difference from the mean. In inference they are running_mean and
// running_variance. Training changes these running statistics by
//
//   momentum * (mean - running_mean)
//   momentum * (variance * m / (m - 1) - running_variance)
//
// If m = 1, only the mean changes: one value has no variance. Backward, with
// averages over the block's images and positions:
//
//   dscale = sum of dy * z
//   dshift = sum of dy
//   dx     = scale / sqrt(variance + epsilon)
//            * (dy - average of dy - z * average of dy * z)
//
// A block is the set of images that pass through the network together, not a
// whole batch. Networks run one block at a time through all layers, so that
// activations stay in the cache. Statistics of the whole batch are therefore
// not available when a layer runs. This is "ghost batch normalization". If a
// block is a whole batch, it is the usual definition. A block of one image
// averages over positions only.
//
// Sources: Ioffe and Szegedy, "Batch normalization: accelerating deep network
// training by reducing internal covariate shift", 2015; Hoffer, Hubara and
// Soudry, "Train longer, generalize better: closing the generalization gap in
// large batch training of neural networks", 2017 (blocks); PyTorch's
// BatchNorm2d (the running statistics).

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct BatchNormSpec {
  int64_t channels = 0;   // At least 1.
  double epsilon = 1e-5;  // Above 0.
  double momentum = 0.1;  // In [0, 1].
};

// Returns `image`, the shape of one input image. Its last dimension must be
// `channels`. Errors: InvalidArgument, naming the field and the values.
absl::StatusOr<Shape> OutputShape(const BatchNormSpec& spec,
                                  const Shape& image);

// For one image in inference: one multiply-add for each element. Errors: as
// OutputShape().
absl::StatusOr<Cost> ComputeCost(const BatchNormSpec& spec, const Shape& image);

// Normalizes x [N, ..., channels] by its own mean and variance, as in training.
// scale and shift are [channels]. Returns a tensor of x's shape. For one-off
// use: each call creates and discards a kernel. Errors: InvalidArgument, naming
// the argument and its values; Unimplemented for backends other than reference
// and lanes; ResourceExhausted.
absl::StatusOr<Tensor> BatchNorm(const Tensor& x, const Tensor& scale,
                                 const Tensor& shift, double epsilon = 1e-5,
                                 Backend backend = Backend::kReference);

// Normalizes by a given mean and variance [channels], as in inference. All
// backends support this.
absl::StatusOr<Tensor> BatchNormBy(const Tensor& x, const Tensor& scale,
                                   const Tensor& shift, const Tensor& mean,
                                   const Tensor& variance,
                                   double epsilon = 1e-5,
                                   Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input; parameters:
// scale, shift, running_mean, running_variance. The last two have no gradient.
// In place of one, Backward() adds the block's change to these running
// statistics, times the block's number of images. Averaged over a batch's
// images, this is the change to apply. `epilogue` may be a rectifier, in lanes
// and direct. In lanes, it may also add an array, with or without a rectifier;
// such a kernel only trains. Errors: as OutputShape(); Unimplemented for
// another epilogue. Bind() returns Unimplemented where the backend lacks
// training.
absl::StatusOr<std::unique_ptr<Kernel>> MakeBatchNormKernel(
    Backend backend, const BatchNormSpec& spec, const Shape& image,
    int64_t images, const Epilogue& epilogue = {});

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_
