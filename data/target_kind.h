// What a network learns to tell of an example.

#ifndef LENSLET_DATA_TARGET_KIND_H_
#define LENSLET_DATA_TARGET_KIND_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

enum class TargetKind : uint8_t {
  // A class, or a class for each position of a map.
  kClass,
  // Several labels, each of which applies or does not.
  kLabels,
  // Numbers.
  kValues,
};

// "class", "labels", "values"
constexpr absl::string_view Name(TargetKind kind) {
  switch (kind) {
    case TargetKind::kClass:
      return "class";
    case TargetKind::kLabels:
      return "labels";
    case TargetKind::kValues:
      return "values";
  }
  return "";
}

}  // namespace lenslet

#endif  // LENSLET_DATA_TARGET_KIND_H_
