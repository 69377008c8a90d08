// A network by the name that a user gives, trained or not.

#ifndef LENSLET_PREDICT_LOAD_NETWORK_H_
#define LENSLET_PREDICT_LOAD_NETWORK_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

struct Network {
  // What the model calls itself, otherwise what its user called it.
  std::string name;
  Graph graph;
};

// Reads a checkpoint, or the latest one of a run's folder, otherwise what
// LoadModel() (models/load_model.h) makes of the name: names of the zoo are the
// zoo's. Relative paths start from `folder`; "": from the process's own.
// Errors: LoadCheckpoint()'s, LoadModel()'s and BuildGraph()'s.
absl::StatusOr<Network> LoadNetwork(const std::string& name_or_path,
                                    const std::string& folder = "");

// The same for what has to be a checkpoint.
absl::StatusOr<Network> LoadCheckpointNetwork(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_PREDICT_LOAD_NETWORK_H_
