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

// One line for each layer, one for each other part of the time, and one for the
// sums. Each ends in '\n'. Columns:
//   kernel         the backend that runs the layer; "in NAME" if the kernel of
//                  layer NAME also computes this one
//   forward us     microseconds for one image
//   GFLOP/s        10^9 floating-point operations in a second, as
//                  Profile::Layer counts them; empty if there are none
//   backward us    likewise, followed by its GFLOP/s
//   total us       the sum of both; the whole time of parts without directions
//   share          fraction of the whole time
// `graph` is the measured graph.
std::string ProfileTable(const Graph& graph, const Profile& profile);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_PROFILE_TABLE_H_
