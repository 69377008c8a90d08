#include "lenslet/tools/learned_names.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/named_classes.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

// That labels and values have the names that the model has learned.
absl::Status CheckSameNames(const std::vector<std::string>& learned,
                            const CheckpointData& data) {
  const std::vector<std::string>& names = data.dataset.target_names;
  const TargetKind kind = data.dataset.examples->target().kind;
  if (learned.size() != names.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", learned.size(), " ", Name(kind),
                     ", but the data set has ", names.size(), data.hint));
  }
  const absl::string_view what = kind == TargetKind::kClasses  ? "class "
                                 : kind == TargetKind::kLabels ? "label "
                                                               : "value ";
  for (size_t i = 0; i < names.size(); ++i) {
    if (learned[i] != names[i]) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, i, " is \"", learned[i], "\" in the model but \"",
                       names[i], "\" in the data set", data.hint));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status UseLearnedNames(const CheckpointProto& checkpoint,
                             CheckpointData& data) {
  const std::vector<std::string> learned(checkpoint.class_name().begin(),
                                         checkpoint.class_name().end());
  std::vector<std::string>& names = data.dataset.target_names;
  const bool has_classes =
      data.dataset.examples->target().kind == TargetKind::kClasses;
  if (!has_classes && (learned.empty() || names.empty())) {
    if (names.empty()) names = learned;
    return absl::OkStatus();
  }
  if (learned.size() == names.size() && OnlyOneHasNames(learned, names)) {
    if (AreIndices(names)) {
      names = learned;
    } else {
      PrintWarning(absl::StrCat(
          "the model's ", Name(data.dataset.examples->target().kind),
          " have numbers for names; number 0 is taken for \"", names[0],
          "\" of the data set, and so on in order"));
    }
    return absl::OkStatus();
  }
  const absl::Status status = CheckSameNames(learned, data);
  if (status.ok() || !has_classes || learned.empty()) return status;
  absl::StatusOr<Dataset> named = WithClassesByName(data.dataset, learned);
  if (!named.ok()) {
    if (learned.size() == names.size()) return status;
    return absl::Status(status.code(), absl::StrCat(status.message(), "; ",
                                                    named.status().message()));
  }
  data.dataset = *std::move(named);
  return absl::OkStatus();
}

}  // namespace lenslet
