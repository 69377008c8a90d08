#include "lenslet/predict/load_graph.h"

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/build_graph.h"

namespace lenslet {
absl::StatusOr<NamedGraph> LoadCheckpointGraph(const std::string& path,
                                               CheckpointLoader load) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint, load(path));
  absl::StatusOr<Graph> graph = GraphOf(checkpoint);
  if (!graph.ok()) return AtPlace(graph.status(), path);
  const std::string& name = checkpoint.model().name();
  return NamedGraph{
      .name = name.empty() ? std::string(std::filesystem::path(path).filename())
                           : name,
      .graph = *std::move(graph)};
}

absl::StatusOr<Graph> GraphOf(const CheckpointProto& checkpoint) {
  if (!checkpoint.has_model()) {
    return absl::InvalidArgumentError(
        "the checkpoint has parameters without their model; a network built in "
        "code reads it with LoadParameters()");
  }
  return BuildGraph(checkpoint.model());
}

absl::StatusOr<TrainedNetwork> LoadTrainedNetwork(const std::string& path,
                                                  CheckpointLoader load) {
  LENSLET_ASSIGN_OR_RETURN(CheckpointProto checkpoint, load(path));
  absl::StatusOr<Graph> graph = GraphOf(checkpoint);
  if (!graph.ok()) return AtPlace(graph.status(), path);
  absl::StatusOr<Parameters> parameters = RestoreParameters(*graph, checkpoint);
  if (!parameters.ok()) return AtPlace(parameters.status(), path);
  return TrainedNetwork{.checkpoint = std::move(checkpoint),
                        .graph = *std::move(graph),
                        .parameters = *std::move(parameters)};
}

}  // namespace lenslet
