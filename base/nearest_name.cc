#include "lenslet/base/nearest_name.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/utf8.h"

namespace lenslet {
namespace {

// Levenshtein's distance, in which two neighbors that changed places are one
// change (optimal string alignment).
int EditDistance(absl::string_view a, absl::string_view b) {
  // Distances of the first i characters of a, and of one and two fewer.
  std::vector<int> row(b.size() + 1), before, before_that;
  std::iota(row.begin(), row.end(), 0);
  const auto differ = [&](size_t i, size_t j) {
    return absl::ascii_tolower(a[i]) != absl::ascii_tolower(b[j]);
  };
  for (size_t i = 0; i < a.size(); ++i) {
    before_that = std::move(before);
    before = row;
    row[0] = static_cast<int>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      row[j + 1] =
          std::min({before[j] + differ(i, j), before[j + 1] + 1, row[j] + 1});
      if (i > 0 && j > 0 && !differ(i, j - 1) && !differ(i - 1, j)) {
        row[j + 1] = std::min(row[j + 1], before_that[j - 1] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::string NearestName(absl::string_view name,
                        absl::Span<const std::string> known) {
  const int size = static_cast<int>(name.size());
  // No name means another if all of it changes.
  int best_distance = std::min(std::max(1, size / 3) + 1, size);
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

std::string OneOfNames(absl::string_view name,
                       absl::Span<const std::string> known) {
  constexpr size_t kMostShown = 10;
  constexpr int64_t kMostCharacters = 40;
  // Distances of very long names cost their product.
  constexpr size_t kMostCompared = 256;
  if (known.empty()) return "none";
  std::vector<std::pair<int, size_t>> order;
  for (size_t i = 0; i < known.size(); ++i) {
    order.emplace_back(
        EditDistance(name.substr(0, kMostCompared),
                     absl::string_view(known[i]).substr(0, kMostCompared)),
        i);
  }
  std::sort(order.begin(), order.end());
  const size_t shown = std::min(known.size(), kMostShown);
  std::string text = "one of ";
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(
        &text, i == 0 ? "" : ", ", "\"",
        Abbreviate(Printable(known[order[i].second]), kMostCharacters), "\"");
  }
  const size_t others = known.size() - shown;
  if (others == 0) return text;
  return absl::StrCat(text, " and ", others,
                      others == 1 ? " other" : " others");
}

std::string DidYouMeanOneOf(absl::string_view name,
                            absl::Span<const std::string> known) {
  std::string text = DidYouMean(name, known);
  if (text.empty()) text = absl::StrCat("; expected ", OneOfNames(name, known));
  return text;
}

}  // namespace lenslet
