// Shared code of the examples that train a classifier.

#ifndef LENSLET_EXAMPLES_TRAINING_H_
#define LENSLET_EXAMPLES_TRAINING_H_

#include <cstdint>
#include <string>

#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet {

// These functions end the program with a message if data is missing or memory
// is insufficient.

struct FashionMnist {
  Dataset train;  // 60,000 images.
  Dataset test;   // 10,000 images.
};

// `argv0` is the program's own name, as main() got it.
FashionMnist LoadFashionMnist(const std::string& argv0);

struct TrainingOptions {
  int64_t epochs = 3;  // Passes over all examples.
  int64_t batch_size = 64;
  double learning_rate = 0.1;
};

// Trains the graph, a classifier of the data set's examples, and returns its
// parameters. Starts from Xavier initialization and minimizes the cross-entropy
// by minibatch gradient descent. The result is the same on every machine with
// the same type of CPU.
Parameters Train(const Graph& graph, const Dataset& dataset,
                 const TrainingOptions& options = {});

// Returns the fraction of the data set's examples that are classified
// correctly, in [0, 1].
double Accuracy(const Graph& graph, const Parameters& parameters,
                const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_TRAINING_H_
