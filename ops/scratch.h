// Memory that kernels share for what does not outlive a call of Forward(),
// Backward() or ParametersChanged().

#ifndef LENSLET_OPS_SCRATCH_H_
#define LENSLET_OPS_SCRATCH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// For kernels that run on one thread.
class Scratch {
 public:
  // Makes data() have room for `floats` floats. Moves it, and loses its
  // contents. Errors: ResourceExhausted.
  absl::Status Reserve(int64_t floats) {
    if (floats <= floats_) return absl::OkStatus();
    memory_ = Tensor();
    floats_ = 0;
    LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({floats}));
    LENSLET_ASSIGN_OR_RETURN(memory_,
                             Tensor::Create(ElementType::kFloat32, shape));
    floats_ = floats;
    return absl::OkStatus();
  }

  // Aligned to Tensor::kAlignment. Valid until the next Reserve().
  float* data() { return memory_.data(); }

 private:
  int64_t floats_ = 0;
  Tensor memory_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_SCRATCH_H_
