// What the programs that train a classifier have in common.

#ifndef LENSLET_EXAMPLES_TRAINING_H_
#define LENSLET_EXAMPLES_TRAINING_H_

#include <cstdint>
#include <string>

#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet {

// All of these end the program, with a message, where there is no data or too
// little memory.

struct FashionMnist {
  Dataset train;  // 60,000 images.
  Dataset test;   // 10,000 images.
};

// `argv0` is the program's own name, as main() got it.
FashionMnist LoadFashionMnist(const std::string& argv0);

struct TrainingOptions {
  int64_t epochs = 3;  // Times through all examples.
  int64_t batch_size = 64;
  double learning_rate = 0.1;
};

// Parameters for the graph, which is a classifier of the data set's examples:
// Xavier's at first, then changed by minibatch gradient descent on the
// cross-entropy. The same on every machine with the same type of CPU.
Parameters Train(const Graph& graph, const Dataset& dataset,
                 const TrainingOptions& options = {});

// The share of the data set's examples that get their own class, in [0, 1].
double Accuracy(const Graph& graph, const Parameters& parameters,
                const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_TRAINING_H_
