// A digest that tells data sets apart.

#ifndef LENSLET_DATA_DATASET_DIGEST_H_
#define LENSLET_DATA_DATASET_DIGEST_H_

#include <string>

#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns the 128-bit XXH3 hash, as 32 hexadecimal digits, of the examples:
// their shape, bytes, order, labels and class names, but not the normalization.
// The same on every machine. Detects accidental changes, not forgeries: an
// attacker can construct two data sets with the same digest. Hashes about 5
// GB/s.
std::string DigestOf(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_DATASET_DIGEST_H_
