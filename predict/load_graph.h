// Loads a network, trained or not, by a user-supplied name or path.

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

// Loads a checkpoint, the latest checkpoint of a run's folder, or else whatever
// LoadModel() (models/load_model.h) finds. Names of the zoo take precedence
// over files. Relative paths start from `folder`, or from the process's working
// directory if that is "". Errors: as LoadCheckpoint(), LoadModel() and
// BuildGraph().
absl::StatusOr<NamedGraph> LoadGraph(const std::string& name_or_path,
                                     const std::string& folder = "");

// The same, but accepts only what `load` does. All errors name the path.
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
