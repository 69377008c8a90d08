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

}  // namespace

absl::Status RunOnce(std::unique_ptr<Kernel> kernel,
                     absl::Span<const Tensor* const> inputs,
                     absl::Span<const Tensor* const> parameters, Tensor& output,
                     bool training, uint64_t seed) {
  const int64_t images = output.shape().dim(0);
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
  buffers.training = training;
  kernel = AdaptLayout(Layout::kImages, std::move(kernel), shapes,
                       ImageOf(output), images);
  LENSLET_RETURN_IF_ERROR(kernel->Bind(std::move(buffers)));
  LENSLET_RETURN_IF_ERROR(kernel->ParametersChanged());
  kernel->Seed(seed);
  kernel->Forward(images);
  return absl::OkStatus();
}

}  // namespace lenslet
