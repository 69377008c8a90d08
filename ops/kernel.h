// An operator made ready to run: for one backend, one spec and blocks of up to
// so many images of one shape.
//
// A kernel's life:
//   Make...Kernel(...)     chooses the code; Unimplemented if the backend lacks
//                          the case
//   Bind(buffers)          once: where it reads and writes
//   ParametersChanged()    before the first run, and after each change of the
//                          parameters' values
//   Forward(images)        as often as wanted; Backward(images, ...) after it
// Bind() and ParametersChanged() may allocate; Forward() and Backward() do not,
// and check nothing: shapes were checked when the kernel was made.
//
// A kernel uses one thread, and one thread at a time. Different kernels may run
// at the same time, reading the same parameters.

#ifndef LENSLET_OPS_KERNEL_H_
#define LENSLET_OPS_KERNEL_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/ops/gradient_product.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// A block's arrays, but for parameters, lie in memory as the kernel's layout()
// says (tensor/lanes.h): images one after the other, or in lanes. The memory
// belongs to the caller, must outlive the kernel, starts at multiples of 64
// bytes and is followed by Tensor::kExtraBytes that may be read.
struct KernelBuffers {
  std::vector<const float*> inputs;
  std::vector<const float*> parameters;
  float* output = nullptr;

  // Whether runs are those of training, for operators that then compute
  // something else: batch normalization, dropout.
  bool training = false;

  // For Backward(): the gradient of the loss by the output, to be read; null
  // where only Forward() will run.
  const float* output_gradient = nullptr;
  // Where to write the gradient by each input; null where it is not wanted.
  // May not overlap the inputs or the output.
  std::vector<float*> input_gradients;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual Layout layout() const { return Layout::kImages; }

  // Errors: ResourceExhausted; Unimplemented if the backend lacks the case as
  // the buffers ask for it, with gradients or in training.
  virtual absl::Status Bind(KernelBuffers buffers) {
    buffers_ = std::move(buffers);
    return absl::OkStatus();
  }

  // Errors: ResourceExhausted; Unimplemented, the first time, if the backend
  // lacks the case and could not tell before.
  virtual absl::Status ParametersChanged() { return absl::OkStatus(); }

  // Computes the output of the block's first `images` images, at least 1. In
  // lanes, those of the last group's missing images are computed too, from
  // whatever numbers they hold.
  virtual void Forward(int64_t images) = 0;

  // From the inputs and output of the Forward() of the same images, and the
  // output's gradient: writes the inputs' gradients, and adds to each
  // parameter's gradient its sum over the images. `parameter_gradients` has an
  // array for each parameter, aligned and padded as the buffers are, or null
  // where the gradient is not wanted. In lanes, missing images must have finite
  // inputs, and zeros as output gradients; so they get zeros as gradients.
  virtual void Backward(int64_t images,
                        absl::Span<float* const> parameter_gradients) = 0;

  // What the random numbers of the next Forward() come from, for operators that
  // draw some.
  virtual void Seed(uint64_t /*seed*/) {}

  // The product that the gradient by the first parameter is, if it is one that
  // the kernel can leave to its caller.
  virtual const GradientProduct* gradient_product() const { return nullptr; }

  // Makes the next Backward() write its images' rows of that product's a and b
  // here, group_rows() for each group, rather than add the product to the
  // gradient. Rows of missing images are zero in a.
  virtual void WriteProductRows(float* /*a*/, float* /*b*/) {}

 protected:
  const KernelBuffers& buffers() const { return buffers_; }

 private:
  KernelBuffers buffers_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_KERNEL_H_
