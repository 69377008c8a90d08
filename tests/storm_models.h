// Random networks, for the storm (tests/storm_test.cc).

#ifndef LENSLET_TESTS_STORM_MODELS_H_
#define LENSLET_TESTS_STORM_MODELS_H_

#include <string>

#include "lenslet/base/random.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

// A small one as the text of a model file: layers one after the other, with
// branches that are added up or put side by side. Up to a layer whose results
// are rounded, all numbers that CheckModelAgainstReference() computes forward
// are exact in float, so that no rounding decides which number is the largest
// one, or above zero; after it come only layers that do not ask. So their
// gradients can be compared, too.
std::string RandomModel(Random& random);

// Fails the test if an executor of the backend computes something else than one
// of the reference backend, within the error of float sums: the output and, in
// training, the gradients w.r.t. inputs and parameters; for a whole block,
// then for a part of one with other parameters.
void CheckModelAgainstReference(const std::string& model, Backend backend,
                                bool training, Random& random);

}  // namespace lenslet

#endif  // LENSLET_TESTS_STORM_MODELS_H_
