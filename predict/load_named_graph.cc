#include "lenslet/predict/load_named_graph.h"

#include <filesystem>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {

absl::StatusOr<NamedGraph> LoadGraph(const std::string& name_or_path,
                                     const std::string& folder) {
  // An absolute path stays as it is.
  const std::string path = std::filesystem::path(folder) / name_or_path;
  if (!FindZooModel(name_or_path).ok() && IsCheckpoint(path))
    return LoadCheckpointGraph(path);
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           LoadModel(name_or_path, folder));
  LENSLET_ASSIGN_OR_RETURN(Graph graph, BuildGraph(text));
  const std::string& name = text.model.name();
  return NamedGraph{.name = name.empty() ? name_or_path : name,
                    .graph = std::move(graph)};
}

}  // namespace lenslet
