// What a graph and a data set must have in common.

#ifndef LENSLET_TRAIN_CLASSIFIER_H_
#define LENSLET_TRAIN_CLASSIFIER_H_

#include "absl/status/status.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// Errors: InvalidArgument, naming both sides, unless the graph takes one image
// as the data set has them, and gives a vector with a score for each class.
absl::Status CheckClassifier(const Graph& graph, const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_CLASSIFIER_H_
