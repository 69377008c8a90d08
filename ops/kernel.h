// An operator prepared to run: for one backend, one spec, one image shape and a
// maximum number of images in a block.
//
// A kernel's life:
//   Make...Kernel(...)     chooses the code; Unimplemented if the backend lacks
//                          the case
//   Bind(buffers)          once: sets where it reads and writes
//   ParametersChanged()    before the first run, and after each change of the
//                          parameters' values
//   Forward(images)        any number of times; Backward(images, ...) after it
// Bind() and ParametersChanged() may allocate. Forward() and Backward() do not
// allocate and check nothing: shapes were checked when the kernel was made.
//
// A kernel runs on its caller's thread. Only one thread at a time may use it.
// Different kernels may run concurrently and read the same parameters.

#ifndef LENSLET_OPS_KERNEL_H_
#define LENSLET_OPS_KERNEL_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/ops/gradient_product.h"
#include "lenslet/ops/scratch.h"
#include "lenslet/tensor/buffer.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// The kernel's layout() determines how a block's arrays, except the parameters,
// lie in memory: images one after the other, or in lanes (tensor/lanes.h). The
// caller owns the memory, which must outlive the kernel. Arrays are aligned to
// 64 bytes and followed by Tensor::kExtraBytes readable bytes. Gradients are
// float32. The kernel's layer determines the element types of all other arrays
// (layers/layer.h).
struct KernelBuffers {
  std::vector<ConstBuffer> inputs;
  std::vector<ConstBuffer> parameters;
  Buffer output;

  // Whether to run in training mode. Matters for operators that compute
  // something else in training: batch normalization, dropout.
  bool training = false;

  // For Backward(): the gradient of the loss with respect to the output. Only
  // read. Null if only Forward() will run.
  const float* output_gradient = nullptr;
  // Where to write the gradient with respect to each input. Null where it is
  // not wanted. May not overlap the inputs or the output.
  std::vector<float*> input_gradients;

  // Scratch memory that this kernel may share with others of its thread. Bind()
  // reserves what the kernel needs. Null: the kernel has its own.
  Scratch* scratch = nullptr;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual Layout layout() const { return Layout::kImages; }

  // Errors: ResourceExhausted; Unimplemented if the backend lacks what the
  // buffers ask for: gradients or training mode.
  virtual absl::Status Bind(KernelBuffers buffers) {
    buffers_ = std::move(buffers);
    return absl::OkStatus();
  }

  // Errors: ResourceExhausted; on the first call, Unimplemented if the backend
  // lacks the case and could not detect it earlier.
  virtual absl::Status ParametersChanged() { return absl::OkStatus(); }

  // Computes the output of the block's first `images` images, at least 1. In
  // lanes, also computes outputs for the last group's missing images, from
  // whatever numbers their inputs hold.
  virtual void Forward(int64_t images) = 0;

  // Writes the inputs' gradients, and adds each parameter's gradient, summed
  // over the images, to `parameter_gradients`. Uses the output's gradient, and
  // the inputs and output of Forward() for the same images.
  // `parameter_gradients` has one array for each parameter, aligned and padded
  // like the buffers, or null where the gradient is not wanted. In lanes,
  // missing images must have finite inputs and zero output gradients; their
  // input gradients are then zero.
  virtual void Backward(int64_t images,
                        absl::Span<float* const> parameter_gradients) = 0;

  // Seeds the random numbers of the next Forward(), for operators that use any.
  virtual void Seed(uint64_t /*seed*/) {}

  // If the gradient with respect to the first parameter is a matrix product
  // that the caller may compute later, that product; else null.
  virtual const GradientProduct* gradient_product() const { return nullptr; }

  // Makes the next Backward() write the rows of that product's a and b here,
  // instead of adding the product to the gradient. Each group has group_rows()
  // rows. In a, rows of missing images are zero.
  virtual void WriteProductRows(float* /*a*/, float* /*b*/) {}

 protected:
  const KernelBuffers& buffers() const { return buffers_; }

  // The elements of buffers(). Abort if T is not their type.
  template <typename T = float>
  const T* InputData(int i) const {
    return buffers_.inputs[i].template data<T>();
  }
  template <typename T = float>
  const T* ParameterData(int i) const {
    return buffers_.parameters[i].template data<T>();
  }
  template <typename T = float>
  T* OutputData() const {
    return buffers_.output.template data<T>();
  }

 private:
  KernelBuffers buffers_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_KERNEL_H_
