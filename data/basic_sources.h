// The data sources for a first training run: Fashion-MNIST, IDX files and
// synthetic examples. data/all_sources.h adds sources that need more libraries.

#ifndef LENSLET_DATA_BASIC_SOURCES_H_
#define LENSLET_DATA_BASIC_SOURCES_H_

#include "absl/types/span.h"
#include "lenslet/data/load_data.h"

namespace lenslet {

// fashion_mnist, idx and synthetic, in this order. Valid until the program
// ends.
absl::Span<const DataSource> BasicDataSources();

}  // namespace lenslet

#endif  // LENSLET_DATA_BASIC_SOURCES_H_
