#include "lenslet/predict/output_targets.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/utf8.h"
#include "lenslet/layers/flatten_hint.h"

namespace lenslet {
namespace {

absl::Status CheckNames(const OutputTargets& targets) {
  for (const std::string& name : targets.names) {
    if (IsValidUtf8(name)) continue;
    const char* const what = targets.kind == TargetKind::kClasses  ? "class"
                             : targets.kind == TargetKind::kLabels ? "label"
                                                                   : "value";
    return absl::InvalidArgumentError(absl::StrCat(
        "the ", what, " name \"", Printable(name), "\" is not UTF-8"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOutputTargets(const Graph& graph,
                                const OutputTargets& targets) {
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  const int64_t names = static_cast<int64_t>(targets.names.size());
  const bool has_classes = targets.kind == TargetKind::kClasses;
  if (has_classes && output.rank() <= 1) {
    const absl::Status status = CheckOneScoreForEachClass(graph, names);
    return status.ok() ? CheckNames(targets) : status;
  }
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", graph.inputs().size(),
                     " inputs; expected one, the example"));
  }
  const int64_t expected =
      has_classes ? output.dim(output.rank() - 1) : output.elements();
  if (names != 0 && names != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", names, " names of ", Name(targets.kind),
                     ", but the model's output has shape ", output.ToString()));
  }
  return CheckNames(targets);
}

OutputTargets TargetsFromCheckpoint(const CheckpointProto& checkpoint) {
  OutputTargets targets = {.names = {checkpoint.class_name().begin(),
                                     checkpoint.class_name().end()}};
  switch (checkpoint.target_kind()) {
    case TargetKindProto::LABELS:
      targets.kind = TargetKind::kLabels;
      break;
    case TargetKindProto::VALUES:
      targets.kind = TargetKind::kValues;
      break;
    default:
      break;
  }
  return targets;
}

void TargetsToCheckpoint(const OutputTargets& targets,
                         CheckpointProto& checkpoint) {
  checkpoint.mutable_class_name()->Assign(targets.names.begin(),
                                          targets.names.end());
  switch (targets.kind) {
    case TargetKind::kClasses:
      checkpoint.clear_target_kind();
      break;
    case TargetKind::kLabels:
      checkpoint.set_target_kind(TargetKindProto::LABELS);
      break;
    case TargetKind::kValues:
      checkpoint.set_target_kind(TargetKindProto::VALUES);
      break;
  }
}

}  // namespace lenslet
