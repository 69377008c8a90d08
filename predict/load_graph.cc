#include "lenslet/predict/load_graph.h"

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {
namespace {

NamedGraph Named(const std::string& name, const std::string& otherwise,
                 Graph graph) {
  return {.name = name.empty() ? otherwise : name, .graph = std::move(graph)};
}

}  // namespace

absl::StatusOr<NamedGraph> LoadCheckpointGraph(const std::string& path,
                                               CheckpointLoader load) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint, load(path));
  absl::StatusOr<Graph> graph = GraphOf(checkpoint);
  if (!graph.ok()) return AtPlace(graph.status(), path);
  return Named(checkpoint.model().name(),
               std::filesystem::path(path).filename(), *std::move(graph));
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

absl::StatusOr<NamedGraph> LoadGraph(const std::string& name_or_path,
                                     const std::string& folder) {
  // An absolute path stays as it is.
  const std::string path = std::filesystem::path(folder) / name_or_path;
  if (!FindZooModel(name_or_path).ok() && IsCheckpoint(path))
    return LoadCheckpointGraph(path);
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           LoadModel(name_or_path, folder));
  LENSLET_ASSIGN_OR_RETURN(Graph graph, BuildGraph(text));
  return Named(text.model.name(), name_or_path, std::move(graph));
}

}  // namespace lenslet
