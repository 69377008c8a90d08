// Examples that are their own targets, for autoencoders.

#ifndef LENSLET_DATA_INPUT_TARGETS_H_
#define LENSLET_DATA_INPUT_TARGETS_H_

#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns the same inputs, with values as targets (TargetKind::kValues): the
// numbers of the input, or its bytes divided by 255, without normalization.
// There are no names of targets. Shares the examples.
Dataset WithInputsAsTargets(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_INPUT_TARGETS_H_
