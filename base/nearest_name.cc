#include "lenslet/base/nearest_name.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

// Levenshtein's distance.
int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int replaced =
          diagonal + (absl::ascii_tolower(a[i]) != absl::ascii_tolower(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearestName(absl::string_view name,
                        absl::Span<const std::string> known) {
  int best_distance = std::max<int>(1, static_cast<int>(name.size()) / 3) + 1;
  std::string best;
  for (const std::string& candidate : known) {
    // At least the difference of the lengths.
    if (std::abs(static_cast<int64_t>(name.size()) -
                 static_cast<int64_t>(candidate.size())) >= best_distance) {
      continue;
    }
    const int distance = EditDistance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(absl::string_view name,
                       absl::Span<const std::string> known) {
  const std::string nearest = NearestName(name, known);
  if (nearest.empty()) return "";
  return absl::StrCat("; did you mean \"", nearest, "\"?");
}

}  // namespace lenslet
