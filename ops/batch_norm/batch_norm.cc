#include "lenslet/ops/batch_norm/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/batch_norm/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxChannels = std::numeric_limits<int32_t>::max();

absl::Status Check(const BatchNormSpec& spec) {
  if (spec.channels < 1 || spec.channels > kMaxChannels) {
    return absl::InvalidArgumentError(
        absl::StrCat("channels is ", spec.channels,
                     "; expected a number in [1, ", kMaxChannels, "]"));
  }
  if (!std::isfinite(spec.epsilon) || spec.epsilon <= 0) {
    return BadValue("epsilon", spec.epsilon, "a positive number");
  }
  if (!(spec.momentum >= 0 && spec.momentum <= 1)) {
    return BadValue("momentum", spec.momentum, "a number in [0, 1]");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Shape> OutputShape(const BatchNormSpec& spec,
                                  const Shape& image) {
  LENSLET_RETURN_IF_ERROR(Check(spec));
  if (image.rank() < 1 || image.elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has no channels"));
  }
  const int64_t channels = image.dim(image.rank() - 1);
  if (channels != spec.channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has ", CountText(channels, "channel"),
                     "; expected ", spec.channels));
  }
  return image;
}

absl::StatusOr<Cost> ComputeCost(const BatchNormSpec& spec,
                                 const Shape& image) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  Cost cost;
  cost.multiply_adds = image.elements();
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = image.elements(),
                                    .weight = 3 * spec.channels,
                                    .bias = spec.channels,
                                    .output = image.elements()},
                                   cost));
  return cost;
}

namespace {

absl::Status CheckChannels(absl::string_view argument, const Tensor& tensor,
                           int64_t channels) {
  LENSLET_RETURN_IF_ERROR(CheckFloats(argument, tensor, "[channels]", 1));
  if (tensor.shape().dim(0) != channels) {
    return absl::InvalidArgumentError(absl::StrCat(
        argument, " has shape ", tensor.shape().ToString(), "; expected [",
        channels, "], one number for each channel of x"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> Run(const Tensor& x, const Tensor& scale,
                           const Tensor& shift, const Tensor& mean,
                           const Tensor& variance, double epsilon,
                           Backend backend, bool training) {
  const int rank = std::max(2, x.shape().rank());
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, "[N, ..., channels]", rank));
  const int64_t channels = x.shape().dim(rank - 1);
  LENSLET_RETURN_IF_ERROR(CheckChannels("scale", scale, channels));
  LENSLET_RETURN_IF_ERROR(CheckChannels("shift", shift, channels));
  LENSLET_RETURN_IF_ERROR(CheckChannels("mean", mean, channels));
  LENSLET_RETURN_IF_ERROR(CheckChannels("variance", variance, channels));
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Kernel> kernel,
      MakeBatchNormKernel(backend, {.channels = channels, .epsilon = epsilon},
                          image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x},
                                  {&scale, &shift, &mean, &variance}, y,
                                  training));
  return y;
}

}  // namespace

absl::StatusOr<Tensor> BatchNorm(const Tensor& x, const Tensor& scale,
                                 const Tensor& shift, double epsilon,
                                 Backend backend) {
  // What is there in place of running averages is not read.
  return Run(x, scale, shift, scale, scale, epsilon, backend,
             /*training=*/true);
}

absl::StatusOr<Tensor> BatchNormBy(const Tensor& x, const Tensor& scale,
                                   const Tensor& shift, const Tensor& mean,
                                   const Tensor& variance, double epsilon,
                                   Backend backend) {
  return Run(x, scale, shift, mean, variance, epsilon, backend,
             /*training=*/false);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeBatchNormKernel(
    Backend backend, const BatchNormSpec& spec, const Shape& image,
    int64_t /*images*/, const Epilogue& epilogue) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  const int64_t positions = image.elements() / spec.channels;
  const bool add = epilogue.add && backend == Backend::kLanes;
  LENSLET_ASSIGN_OR_RETURN(
      const bool relu, FusesRelu(backend, {.add = epilogue.add && !add,
                                           .activation = epilogue.activation,
                                           .pool = epilogue.pool}));
  switch (backend) {
    case Backend::kReference:
      return MakeBatchNormReferenceKernel(spec, positions);
    case Backend::kXnnpack:
    case Backend::kDirect:
      return MakeBatchNormInferenceKernel(spec, positions, relu);
    case Backend::kLanes:
      return MakeBatchNormLanesKernel(spec, positions, add, relu);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
