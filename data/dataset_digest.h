// A number that tells data sets apart.

#ifndef LENSLET_DATA_DATASET_DIGEST_H_
#define LENSLET_DATA_DATASET_DIGEST_H_

#include <string>

#include "lenslet/data/dataset.h"

namespace lenslet {

// The XXH3 hash, 128 bits as 32 hexadecimal digits, of all that examples are:
// their shape, bytes, order, labels and class names, but not the normalization.
// The same on every machine. It notices accidents, not forgeries: somebody who
// wants two data sets with one digest can make them. Reads some 5 GB/s.
std::string DigestOf(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_DATASET_DIGEST_H_
