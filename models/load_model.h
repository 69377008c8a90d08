// A model by the name that a user gives: one of the zoo, or a file.

#ifndef LENSLET_MODELS_LOAD_MODEL_H_
#define LENSLET_MODELS_LOAD_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/models/model_text.h"

namespace lenslet {

// Reads the zoo's model of that name, otherwise the file: "lenet" is the zoo's
// even if there is such a file, which is "./lenet". Errors: NotFound,
// InvalidArgument and those of ReadFile(), naming the file; for what is neither
// a file nor looks like one, naming the zoo's models. Relative paths start from
// `folder`; "": from the process's own.
absl::StatusOr<ModelText> LoadModel(const std::string& name_or_path,
                                    const std::string& folder = "");

}  // namespace lenslet

#endif  // LENSLET_MODELS_LOAD_MODEL_H_
