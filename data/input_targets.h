// Examples that are their own targets, for autoencoders.

#ifndef LENSLET_DATA_INPUT_TARGETS_H_
#define LENSLET_DATA_INPUT_TARGETS_H_

#include "absl/status/status.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"

namespace lenslet {

// Returns the same inputs, with values as targets (TargetKind::kValues): the
// numbers of the input, or its bytes divided by 255, without normalization.
// There are no names of targets. Shares the examples.
Dataset WithInputsAsTargets(const Dataset& dataset);

// For examples whose target_is_input(): makes the targets in `batch` from the
// inputs in it. Errors: ResourceExhausted.
absl::Status TargetsFromInputs(const Examples& examples, ExampleBatch& batch);

}  // namespace lenslet

#endif  // LENSLET_DATA_INPUT_TARGETS_H_
