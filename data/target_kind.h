// What a network learns of an example: classes, labels or values.

#ifndef LENSLET_DATA_TARGET_KIND_H_
#define LENSLET_DATA_TARGET_KIND_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

enum class TargetKind : uint8_t {
  // One of several classes. The output has a score for each class: [classes].
  // An output [d1, ..., dk, classes] has a class for each of d1 * ... * dk
  // positions, for example for each pixel.
  kClasses,
  // Any number of labels at once. Each number of the output is the score of a
  // label; its target is the label's probability, usually 0 or 1.
  kLabels,
  // A value for each number of the output.
  kValues,
};

// In place of a class at a position of a map: the position counts neither in
// losses nor in metrics.
inline constexpr int32_t kIgnoredClass = -1;

// "classes", "labels", "values"
constexpr absl::string_view Name(TargetKind kind) {
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

#endif  // LENSLET_DATA_TARGET_KIND_H_
