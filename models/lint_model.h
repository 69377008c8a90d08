// Reports everything that is wrong with a model's text: its syntax and its
// content.

#ifndef LENSLET_MODELS_LINT_MODEL_H_
#define LENSLET_MODELS_LINT_MODEL_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// Returns problems and warnings in the order of their positions. If
// ParseModelText() and BuildGraph() accept the text, there are no problems, but
// possibly warnings. Otherwise there is at least one problem. Omits problems
// that only follow from other problems. Returns warnings only if the graph
// could be built.
std::vector<TextProblem> LintModel(absl::string_view text,
                                   absl::string_view file_name);

}  // namespace lenslet

#endif  // LENSLET_MODELS_LINT_MODEL_H_
