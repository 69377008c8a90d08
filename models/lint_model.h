// All that is wrong with a model's text, its form as well as what it says.

#ifndef LENSLET_MODELS_LINT_MODEL_H_
#define LENSLET_MODELS_LINT_MODEL_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// Returns problems and warnings in the order of their places; no problems, but
// maybe warnings, for a text that ParseModelText() and BuildGraph() accept, and
// at least one for every other. What only follows from another problem is left
// out, and warnings are where what they are about is sure to be meant.
std::vector<TextProblem> LintModel(absl::string_view text,
                                   absl::string_view file_name);

}  // namespace lenslet

#endif  // LENSLET_MODELS_LINT_MODEL_H_
