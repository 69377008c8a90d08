// Synthetic data sets, for tests and for models whose data is not available.

#ifndef LENSLET_DATA_SYNTHETIC_H_
#define LENSLET_DATA_SYNTHETIC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct SyntheticOptions {
  int64_t examples = 0;  // At least 1.
  int64_t classes = 2;   // 2 to kMaxClasses.
  // From 0, where all examples of a class are equal, to 1, where they have
  // nothing in common.
  double noise = 0.5;
  uint64_t seed = 0;
};

// Returns a synthetic data set with examples of the given shape. Each class has
// a random pattern of that shape. An example is the pattern of its class mixed
// with fresh noise. Labels cycle through the classes. The same options give the
// same data on every machine. The seed also determines the patterns: to get a
// test set, split one data set (data/split.h). Errors: InvalidArgument for
// options out of range or a shape without elements; ResourceExhausted.
absl::StatusOr<Dataset> MakeSyntheticDataset(const Shape& shape,
                                             const SyntheticOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_SYNTHETIC_H_
