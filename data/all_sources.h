// Every kind of data that Lenslet reads.

#ifndef LENSLET_DATA_ALL_SOURCES_H_
#define LENSLET_DATA_ALL_SOURCES_H_

#include "absl/types/span.h"
#include "lenslet/data/load_data.h"

namespace lenslet {

// BasicDataSources(), image_folders, csv and cifar10. Lives as long as the
// program.
absl::Span<const DataSource> AllDataSources();

}  // namespace lenslet

#endif  // LENSLET_DATA_ALL_SOURCES_H_
