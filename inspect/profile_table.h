// A profile as a table.
//
//   layer        type     kernel    forward us  GFLOP/s  ...   share
//   read images                                          ...   2.1 %
//   conv1        Conv2d   lanes           1.60    147.0  ...  16.1 %
//   sigmoid1     Sigmoid  in conv1
//   ...

#ifndef LENSLET_INSPECT_PROFILE_TABLE_H_
#define LENSLET_INSPECT_PROFILE_TABLE_H_

#include <string>

#include "lenslet/inspect/profile.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// One line for each layer and each other part of the time, and one for their
// sums, each ending in '\n'. Columns:
//   kernel         the backend that runs the layer; "in NAME" for one that the
//                  kernel of layer NAME computes too
//   forward us     microseconds for one image
//   GFLOP/s        10^9 floating-point operations in a second, as
//                  Profile::Layer counts them; empty where there are none
//   backward us    likewise, with a GFLOP/s of its own
//   total us       both; of what has no directions, all of it
//   share          of the whole time
// `graph` is the one that was measured.
std::string ProfileTable(const Graph& graph, const Profile& profile);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_PROFILE_TABLE_H_
