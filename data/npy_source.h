// NumPy's files as a data source (NpyProto).

#ifndef LENSLET_DATA_NPY_SOURCE_H_
#define LENSLET_DATA_NPY_SOURCE_H_

#include "lenslet/data/load_data.h"

namespace lenslet {

DataSource NpySource();

}  // namespace lenslet

#endif  // LENSLET_DATA_NPY_SOURCE_H_
