// Loads a network, trained or not, by a user-supplied name or path.

#ifndef LENSLET_PREDICT_LOAD_NAMED_GRAPH_H_
#define LENSLET_PREDICT_LOAD_NAMED_GRAPH_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/predict/load_graph.h"

namespace lenslet {

// Loads a checkpoint, the latest checkpoint of a run's folder, or else whatever
// LoadModel() (models/load_model.h) finds. Names of the zoo take precedence
// over files. Relative paths start from `folder`, or from the process's working
// directory if that is "". Errors: as LoadCheckpoint(), LoadModel() and
// BuildGraph().
absl::StatusOr<NamedGraph> LoadGraph(const std::string& name_or_path,
                                     const std::string& folder = "");

}  // namespace lenslet

#endif  // LENSLET_PREDICT_LOAD_NAMED_GRAPH_H_
