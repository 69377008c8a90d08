#include "ops/kernel.h"

#include "base/status_macros.h"

namespace lenslet {

absl::Status RunOnce(Kernel& kernel, absl::Span<const Tensor* const> inputs,
                     absl::Span<const Tensor* const> parameters,
                     Tensor& output) {
  KernelBuffers buffers;
  for (const Tensor* input : inputs) buffers.inputs.push_back(input->data());
  for (const Tensor* parameter : parameters) {
    buffers.parameters.push_back(parameter->data());
  }
  buffers.output = output.data();
  LENSLET_RETURN_IF_ERROR(kernel.Bind(std::move(buffers)));
  LENSLET_RETURN_IF_ERROR(kernel.ParametersChanged());
  kernel.Forward(output.shape().dim(0));
  return absl::OkStatus();
}

}  // namespace lenslet
