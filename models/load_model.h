// Loads a model by a user-supplied name or path.

#ifndef LENSLET_MODELS_LOAD_MODEL_H_
#define LENSLET_MODELS_LOAD_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/models/model_text.h"

namespace lenslet {

// Returns the zoo's model of that name, or else reads the file. Names of the
// zoo win: a file that is also called "lenet" is "./lenet". A relative path
// starts from `folder`, or from the process's working directory if that is "".
// Errors: as ReadFile() and ParseModelText(), naming the file; NotFound,
// listing the zoo's models, if the name matches neither a model nor a file and
// does not look like a path.
absl::StatusOr<ModelText> LoadModel(const std::string& name_or_path,
                                    const std::string& folder = "");

}  // namespace lenslet

#endif  // LENSLET_MODELS_LOAD_MODEL_H_
