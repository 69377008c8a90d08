// The targets of a whole data set.

#ifndef LENSLET_INSPECT_ALL_TARGETS_H_
#define LENSLET_INSPECT_ALL_TARGETS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Example by example. Which of them there are depends on the kind of targets,
// as for ExampleBatch (data/examples.h).
struct AllTargets {
  std::vector<int32_t> classes;
  std::vector<float> values;
};

// Errors: those of reading the targets.
absl::StatusOr<AllTargets> ReadAllTargets(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_ALL_TARGETS_H_
