// The model zoo: the models that come with Lenslet.

#ifndef LENSLET_MODELS_ZOO_H_
#define LENSLET_MODELS_ZOO_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the models' names, sorted: "lenet" and others.
std::vector<std::string> ZooModelNames();

// Returns the text of models/NAME.textproto, which lives as long as the
// program. Errors: NotFound, listing all names.
absl::StatusOr<absl::string_view> FindZooModel(absl::string_view name);

// Returns "; did you mean \"NAME\"?" for the end of an error about a name that
// is none of the zoo's, or "" if no name is near.
std::string SuggestZooModel(absl::string_view name);

}  // namespace lenslet

#endif  // LENSLET_MODELS_ZOO_H_
