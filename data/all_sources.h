// All data sources that Lenslet can read.

#ifndef LENSLET_DATA_ALL_SOURCES_H_
#define LENSLET_DATA_ALL_SOURCES_H_

#include "absl/types/span.h"
#include "lenslet/data/load_data.h"

namespace lenslet {

// BasicDataSources(), image_folders, packed, csv, npy, image_table,
// image_masks, cifar10 and cifar100. Valid until the program ends.
absl::Span<const DataSource> AllDataSources();

}  // namespace lenslet

#endif  // LENSLET_DATA_ALL_SOURCES_H_
