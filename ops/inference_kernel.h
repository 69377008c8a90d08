// The base class of all kernels of the direct backend.

#ifndef LENSLET_OPS_INFERENCE_KERNEL_H_
#define LENSLET_OPS_INFERENCE_KERNEL_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// A kernel without Backward().
class InferenceKernel : public Kernel {
 public:
  // Errors: as Kernel::Bind(), and Unimplemented for buffers with an output
  // gradient.
  absl::Status Bind(KernelBuffers buffers) final {
    if (buffers.output_gradient != nullptr) {
      return absl::UnimplementedError("direct kernels are for inference only");
    }
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    return Allocate();
  }

  void Backward(int64_t, absl::Span<float* const>) final {
    LENSLET_CHECK(false);
  }

 private:
  // Called once, by Bind(). Errors: ResourceExhausted.
  virtual absl::Status Allocate() { return absl::OkStatus(); }
};

}  // namespace lenslet

#endif  // LENSLET_OPS_INFERENCE_KERNEL_H_
