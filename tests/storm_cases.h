// Random cases of operators, for the storm (tests/storm_test.cc).

#ifndef LENSLET_TESTS_STORM_CASES_H_
#define LENSLET_TESTS_STORM_CASES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "lenslet/base/random.h"
#include "lenslet/ops/testing/kernel_checks.h"

namespace lenslet {

// One kind of operator.
struct StormOperator {
  std::string name;
  int64_t weight;  // Relative frequency.
  // Makes a case with awkward sizes: sides smaller than strides, kernels larger
  // than sides, padding larger than kernels, channels that are not a multiple
  // of the vector width. The case's name is its spec as text.
  KernelCase (*make)(Random& random);
};

std::vector<StormOperator> StormOperators();

}  // namespace lenslet

#endif  // LENSLET_TESTS_STORM_CASES_H_
