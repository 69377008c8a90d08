// Random networks, for the storm (tests/storm_test.cc).

#ifndef LENSLET_TESTS_STORM_MODELS_H_
#define LENSLET_TESTS_STORM_MODELS_H_

#include <string>

#include "lenslet/base/random.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

// Returns a small random network as the text of a model file. Its layers form a
// chain, with branches that are added or concatenated. Up to the first layer
// that rounds its results, all numbers in the forward pass of
// CheckModelAgainstReference() are exact in float. So rounding cannot change
// which number is the largest, or whether a number is above zero. Later layers
// make no such comparisons. Therefore, gradients can be compared, too.
std::string RandomModel(Random& random);

// Fails the test if the backend's results differ from those of the reference
// backend by more than the error of float sums. Compares the output and, in
// training, the gradients w.r.t. inputs and parameters. Runs a whole block,
// then a part of a block with other parameters.
void CheckModelAgainstReference(const std::string& model, Backend backend,
                                bool training, Random& random);

}  // namespace lenslet

#endif  // LENSLET_TESTS_STORM_MODELS_H_
