// Batch normalization: gives each channel mean 0 and variance 1 over a block of
// images, and then a mean and a size that are learned.
//
//   y[n, ..., c] = scale[c] * z + shift[c]
//              z = (x[n, ..., c] - mean[c]) / sqrt(variance[c] + epsilon)
//
// Shapes:
//   x, y                                            [N, ..., channels]
//   scale, shift, running_mean, running_variance    [channels]
//
// In training, mean and variance are those of a channel's numbers in all of the
// block's images and positions, m of them; the variance is their mean squared
// difference from the mean. In inference they are running_mean and
// running_variance, averages of what training saw, which move by
//
//   momentum * (mean - running_mean)
//   momentum * (variance * m / (m - 1) - running_variance)
//
// One number (m = 1) says nothing of a variance, and moves only the mean.
// Backward, with averages over the block's images and positions:
//
//   dscale = sum of dy * z
//   dshift = sum of dy
//   dx     = scale / sqrt(variance + epsilon)
//            * (dy - average of dy - z * average of dy * z)
//
// A block is the images that travel through the network together, not a whole
// batch: networks run depth first, a block at a time through all layers, so
// that activations stay in the cache, and a batch's statistics do not exist
// while a layer runs. This is "ghost batch normalization". With blocks as large
// as batches it is the usual definition. A block of one image has nothing but
// positions to average over.
//
// Sources: Ioffe and Szegedy, "Batch normalization: accelerating deep network
// training by reducing internal covariate shift", 2015; Hoffer, Hubara and
// Soudry, "Train longer, generalize better: closing the generalization gap in
// large batch training of neural networks", 2017 (blocks); PyTorch's
// BatchNorm2d (the running averages).

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct BatchNormSpec {
  int64_t channels = 0;   // At least 1.
  double epsilon = 1e-5;  // Above 0.
  double momentum = 0.1;  // In [0, 1].
};

// `image`, the shape of one input image, if it ends in `channels`. Errors:
// InvalidArgument, naming the field and the values.
absl::StatusOr<Shape> OutputShape(const BatchNormSpec& spec,
                                  const Shape& image);

// For one image in inference, where each element takes one multiply-add.
// Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const BatchNormSpec& spec, const Shape& image);

// x [N, ..., channels] normalized by its own mean and variance, as in training;
// scale and shift are [channels]. Returns a tensor of x's shape. For one-off
// use: it prepares and forgets a kernel. Errors: InvalidArgument, naming the
// argument and its values; Unimplemented for backends other than reference and
// lanes; ResourceExhausted.
absl::StatusOr<Tensor> BatchNorm(const Tensor& x, const Tensor& scale,
                                 const Tensor& shift, double epsilon = 1e-5,
                                 Backend backend = Backend::kReference);

// The same by a given mean and variance [channels], as in inference. Every
// backend has it.
absl::StatusOr<Tensor> BatchNormBy(const Tensor& x, const Tensor& scale,
                                   const Tensor& shift, const Tensor& mean,
                                   const Tensor& variance,
                                   double epsilon = 1e-5,
                                   Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input; parameters:
// scale, shift, running_mean, running_variance. The last two have no gradient:
// to theirs, Backward() adds the change that the block asks for, times its
// images; so the mean over a batch's images is how they are to move. Errors: as
// OutputShape(). Bind() returns Unimplemented where the backend lacks training.
absl::StatusOr<std::unique_ptr<Kernel>> MakeBatchNormKernel(
    Backend backend, const BatchNormSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_
