// Random parameters for tests of whole networks.

#ifndef LENSLET_TESTS_RANDOM_PARAMETERS_H_
#define LENSLET_TESTS_RANDOM_PARAMETERS_H_

#include "lenslet/base/random.h"
#include "lenslet/layers/parameters.h"

namespace lenslet {

// Sets random values, such that each layer's outputs are of the order of its
// inputs.
void SetRandom(Random& random, Parameters& parameters);

}  // namespace lenslet

#endif  // LENSLET_TESTS_RANDOM_PARAMETERS_H_
