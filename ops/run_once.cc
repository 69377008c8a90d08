#include "lenslet/ops/run_once.h"

#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// The shape of one of a block's images.
Shape ImageOf(const Tensor& block) {
  return *Shape::Create(block.shape().dims().subspan(1));
}

// A kernel for whole images, and its buffers but for those of gradients.
struct Prepared {
  std::unique_ptr<Kernel> kernel;
  KernelBuffers buffers;
};

Prepared Prepare(std::unique_ptr<Kernel> kernel,
                 absl::Span<const Tensor* const> inputs,
                 absl::Span<const Tensor* const> parameters, Tensor& output) {
  KernelBuffers buffers;
  std::vector<Shape> shapes;
  for (const Tensor* input : inputs) {
    buffers.inputs.push_back(input->data());
    shapes.push_back(ImageOf(*input));
  }
  for (const Tensor* parameter : parameters) {
    buffers.parameters.push_back(parameter->data());
  }
  buffers.output = output.data();
  return {.kernel = AdaptLayout(Layout::kImages, std::move(kernel), shapes,
                                ImageOf(output), output.shape().dim(0)),
          .buffers = std::move(buffers)};
}

}  // namespace

absl::Status RunOnce(std::unique_ptr<Kernel> kernel,
                     absl::Span<const Tensor* const> inputs,
                     absl::Span<const Tensor* const> parameters, Tensor& output,
                     bool training, uint64_t seed) {
  Prepared once = Prepare(std::move(kernel), inputs, parameters, output);
  once.buffers.training = training;
  LENSLET_RETURN_IF_ERROR(once.kernel->Bind(std::move(once.buffers)));
  LENSLET_RETURN_IF_ERROR(once.kernel->ParametersChanged());
  once.kernel->Seed(seed);
  once.kernel->Forward(output.shape().dim(0));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Tensor>> GradientsOnce(
    std::unique_ptr<Kernel> kernel, absl::Span<const Tensor* const> inputs,
    absl::Span<const Tensor* const> parameters, const Tensor& output_gradient) {
  LENSLET_ASSIGN_OR_RETURN(
      Tensor output,
      Tensor::Create(ElementType::kFloat32, output_gradient.shape()));
  Prepared once = Prepare(std::move(kernel), inputs, parameters, output);
  once.buffers.training = true;
  once.buffers.output_gradient = output_gradient.data();
  std::vector<Tensor> gradients;
  for (const Tensor* input : inputs) {
    LENSLET_ASSIGN_OR_RETURN(
        Tensor gradient, Tensor::Create(ElementType::kFloat32, input->shape()));
    once.buffers.input_gradients.push_back(gradient.data());
    gradients.push_back(std::move(gradient));
  }
  std::vector<float*> parameter_gradients;
  for (const Tensor* parameter : parameters) {
    LENSLET_ASSIGN_OR_RETURN(
        Tensor gradient,
        Tensor::Create(ElementType::kFloat32, parameter->shape()));
    parameter_gradients.push_back(gradient.data());
    gradients.push_back(std::move(gradient));
  }
  LENSLET_RETURN_IF_ERROR(once.kernel->Bind(std::move(once.buffers)));
  LENSLET_RETURN_IF_ERROR(once.kernel->ParametersChanged());
  const int64_t images = output.shape().dim(0);
  once.kernel->Forward(images);
  once.kernel->Backward(images, parameter_gradients);
  return gradients;
}

}  // namespace lenslet
