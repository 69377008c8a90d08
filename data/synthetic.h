// Data sets that are made, not read: for tests, and for models whose data is
// not at hand.

#ifndef LENSLET_DATA_SYNTHETIC_H_
#define LENSLET_DATA_SYNTHETIC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct SyntheticOptions {
  int64_t examples = 0;  // At least 1.
  int64_t classes = 2;   // 2 to 256.
  // Between 0, where examples of a class are the same, and 1, where they have
  // nothing in common.
  double noise = 0.5;
  uint64_t seed = 0;
};

// Each class has a pattern of its own: numbers that follow no rule, of the
// shape of an example. An example is its class's pattern mixed with noise of
// its own. Classes take turns. The same options give the same data on every
// machine. Errors: InvalidArgument for options out of their range and a shape
// without elements; ResourceExhausted.
absl::StatusOr<Dataset> MakeSyntheticDataset(const Shape& shape,
                                             const SyntheticOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_SYNTHETIC_H_
