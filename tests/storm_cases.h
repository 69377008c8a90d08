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
  int64_t weight;  // How often it comes.
  // A case with awkward sizes: sides below strides, kernels above sides,
  // padding above kernels, channels off the vector width. Its name is its spec
  // as text.
  KernelCase (*make)(Random& random);
};

std::vector<StormOperator> StormOperators();

}  // namespace lenslet

#endif  // LENSLET_TESTS_STORM_CASES_H_
