// Operations that a kernel applies to its result before writing it.

#ifndef LENSLET_OPS_EPILOGUE_H_
#define LENSLET_OPS_EPILOGUE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// y = pool(activation(result + addend)). Absent steps are skipped.
struct Epilogue {
  // Whether to add another array of the result's shape: the kernel's last
  // input. Backward() writes the gradient w.r.t. it, too. Only
  // MakeBatchNormKernel() supports it, for training in lanes.
  bool add = false;
  std::optional<ActivationSpec> activation = {};
  std::optional<PoolSpec> pool = {};

  bool empty() const { return !add && !activation && !pool; }
};

// An epilogue resolved for the result's shape.
struct EpilogueGeometry {
  std::optional<ActivationSpec> activation = {};
  std::optional<PoolGeometry> pool = {};

  bool empty() const { return !activation && !pool; }
};

// `result` is the shape of one image of the result. Errors: as
// CheckActivation(), and as Resolve() of the pooling; Unimplemented for `add`.
inline absl::StatusOr<EpilogueGeometry> Resolve(const Epilogue& epilogue,
                                                const Shape& result) {
  if (epilogue.add) {
    return absl::UnimplementedError(
        "this kernel does not add another array as well");
  }
  if (epilogue.activation) {
    LENSLET_RETURN_IF_ERROR(CheckActivation(*epilogue.activation));
  }
  EpilogueGeometry geometry = {.activation = epilogue.activation};
  if (epilogue.pool) {
    LENSLET_ASSIGN_OR_RETURN(geometry.pool, Resolve(*epilogue.pool, result));
  }
  return geometry;
}

// For operators whose kernels fuse nothing but a rectifier, and only in lanes
// and direct: whether they fuse it. Errors: Unimplemented for another epilogue.
inline absl::StatusOr<bool> FusesRelu(Backend backend,
                                      const Epilogue& epilogue) {
  if (epilogue.empty()) return false;
  if (epilogue.add || epilogue.pool || !IsRelu(epilogue.activation) ||
      !AppliesActivations(backend)) {
    return NoFusion(backend);
  }
  return true;
}

}  // namespace lenslet

#endif  // LENSLET_OPS_EPILOGUE_H_
