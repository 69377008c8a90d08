// Loads the network of a checkpoint.

#ifndef LENSLET_PREDICT_LOAD_GRAPH_H_
#define LENSLET_PREDICT_LOAD_GRAPH_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

struct NamedGraph {
  // The model's own name, or else the name given by the user.
  std::string name;
  Graph graph;
};

// Loads a checkpoint, or for a folder its kLatestName. Errors, all naming the
// path: as `load` and GraphOf().
absl::StatusOr<NamedGraph> LoadCheckpointGraph(
    const std::string& path, CheckpointLoader load = LoadCheckpoint);

// Returns the graph of the checkpoint's model. Errors: BuildGraph()'s;
// InvalidArgument if it has parameters without their model.
absl::StatusOr<Graph> GraphOf(const CheckpointProto& checkpoint);

struct TrainedNetwork {
  CheckpointProto checkpoint;
  Graph graph;
  Parameters parameters;
};

// Loads a checkpoint, or for a folder its kLatestName. Errors, all naming the
// path: as `load`, GraphOf() and RestoreParameters().
absl::StatusOr<TrainedNetwork> LoadTrainedNetwork(
    const std::string& path, CheckpointLoader load = LoadCheckpoint);

}  // namespace lenslet

#endif  // LENSLET_PREDICT_LOAD_GRAPH_H_
