// Checks that a graph fits a data set.

#ifndef LENSLET_TRAIN_CHECK_FIT_H_
#define LENSLET_TRAIN_CHECK_FIT_H_

#include "absl/status/status.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// Checks that there are examples, that the graph has one input of their shape,
// that the normalization fits it, and that the graph's output fits the targets:
//
//   classes              [classes], a score for each class
//   classes of a map     [map's shape..., classes]
//   labels and values    the shape of the targets
//
// Errors: InvalidArgument, stating both shapes.
absl::Status CheckFit(const Graph& graph, const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_CHECK_FIT_H_
