// The poolings that convolutions of single images compute themselves.

#ifndef LENSLET_OPS_CONV_CONV_POOL_H_
#define LENSLET_OPS_CONV_CONV_POOL_H_

#include <optional>

#include "lenslet/ops/direct/pool_2x2.h"
#include "lenslet/ops/epilogue.h"

namespace lenslet {

// Returns the epilogue's pooling, kNone if there is none. Returns nothing for
// windows other than 2 x 2 side by side, for softmax, and for an activation
// that is no rectifier, which would have to come first.
std::optional<Pool2x2> Pool2x2Of(const EpilogueGeometry& epilogue);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_POOL_H_
