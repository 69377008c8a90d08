// Padding with zeros through XNNPACK's constant padding operator. Its other
// modes are not XNNPACK's (pad_plain.h).

#ifndef LENSLET_OPS_PAD_PAD_XNNPACK_H_
#define LENSLET_OPS_PAD_PAD_XNNPACK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pad/pad_spec.h"

namespace lenslet {

// For blocks of any number of images. No parameters. Errors: Unimplemented for
// other modes than kZero.
absl::StatusOr<std::unique_ptr<Kernel>> MakePadXnnpackKernel(
    const PadGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_XNNPACK_H_
