#include "lenslet/data/class_indices.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

bool AreIndices(absl::Span<const std::string> names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != absl::StrCat(i)) return false;
  }
  return true;
}

std::vector<int64_t> ClassNumbers(absl::Span<const int64_t> labels) {
  if (labels.empty() || labels.front() < 0 || labels.back() >= kMaxClasses) {
    return {labels.begin(), labels.end()};
  }
  std::vector<int64_t> numbers(labels.back() + 1);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::string ClassNameList(absl::Span<const std::string> names) {
  constexpr size_t kMostShown = 10;
  const auto quoted = [](absl::string_view name) {
    return absl::StrCat("\"", Printable(name), "\"");
  };
  if (names.size() > 2 && AreIndices(names)) {
    return absl::StrCat(quoted(names.front()), " to ", quoted(names.back()));
  }
  std::vector<std::string> shown;
  for (const std::string& name : names.subspan(0, kMostShown)) {
    shown.push_back(quoted(name));
  }
  if (names.size() > kMostShown) shown.push_back("...");
  return absl::StrJoin(shown, ", ");
}

absl::StatusOr<bool> LacksFirstIndex(const Dataset& dataset) {
  if (dataset.examples->target() != TargetSpec() ||
      dataset.target_names.size() < 2 || !AreIndices(dataset.target_names)) {
    return false;
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> classes,
                           dataset.Classes());
  return std::find(classes.begin(), classes.end(), 0) == classes.end();
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
