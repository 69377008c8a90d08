#include "lenslet/ops/loss/loss_targets.h"

namespace lenslet {

absl::string_view Name(TargetKind kind) {
  switch (kind) {
    case TargetKind::kClasses:
      return "classes";
    case TargetKind::kLabels:
      return "labels";
    case TargetKind::kValues:
      return "values";
  }
  return "unknown targets";
}

}  // namespace lenslet
