#include "lenslet/data/class_indices.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace lenslet {

bool AreIndices(absl::Span<const std::string> names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != absl::StrCat(i)) return false;
  }
  return true;
}

bool OnlyOneHasNames(absl::Span<const std::string> a,
                     absl::Span<const std::string> b) {
  const auto are_numbers = [](absl::Span<const std::string> names) {
    return std::all_of(names.begin(), names.end(), [](const std::string& name) {
      int64_t number;
      return absl::SimpleAtoi(name, &number);
    });
  };
  return (AreIndices(a) && !are_numbers(b)) ||
         (AreIndices(b) && !are_numbers(a));
}

}  // namespace lenslet
