// Checks that a graph fits a data set.

#ifndef LENSLET_TRAIN_CLASSIFIER_H_
#define LENSLET_TRAIN_CLASSIFIER_H_

#include "absl/status/status.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// Checks that the graph has one input of the shape of the data set's images and
// outputs a vector with one score per class, and that each image has a label of
// a class. Errors: InvalidArgument, stating both shapes or the label,
// otherwise.
absl::Status CheckClassifier(const Graph& graph, const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_CLASSIFIER_H_
