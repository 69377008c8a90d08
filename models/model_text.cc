#include "lenslet/models/model_text.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

absl::StatusOr<ModelText> ParseModelText(absl::string_view text,
                                         absl::string_view file_name) {
  ModelText result;
  LENSLET_RETURN_IF_ERROR(
      ParseProtoText(text, file_name, result.model, result.locations));
  if (result.model.ByteSizeLong() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_name, ":1:1: ", kNoModelInText));
  }
  return result;
}

absl::StatusOr<Graph> BuildGraph(const ModelText& text) {
  FieldProblem problem;
  std::optional<Graph> graph = BuildGraph(text.model, problem);
  if (graph) return *std::move(graph);
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceOf(text.model, text.locations, problem.path), ": ",
                   problem.message));
}

}  // namespace lenslet
