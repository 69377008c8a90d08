// A digest that tells data sets apart.

#ifndef LENSLET_DATA_DATASET_DIGEST_H_
#define LENSLET_DATA_DATASET_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns the digest (data/digest.h), as 32 hexadecimal digits, of the
// examples: their shape, inputs, order and targets, and the names of the
// targets, but not the normalization. Errors: those of reading the examples.
absl::StatusOr<std::string> DigestOf(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_DATASET_DIGEST_H_
