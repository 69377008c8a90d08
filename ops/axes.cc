#include "lenslet/ops/axes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/check.h"

namespace lenslet {

Axes::Axes(std::initializer_list<int64_t> values) {
  LENSLET_CHECK(values.size() <= kMaxRank);
  rank_ = static_cast<int>(values.size());
  std::copy(values.begin(), values.end(), values_.begin());
}

absl::StatusOr<Axes> Axes::Create(absl::Span<const int64_t> values) {
  if (values.size() > kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "[", absl::StrJoin(values, ", "), "] has ", values.size(),
        " numbers, more than the ", kMaxRank, " spatial dimensions possible"));
  }
  Axes axes;
  axes.rank_ = static_cast<int>(values.size());
  std::copy(values.begin(), values.end(), axes.values_.begin());
  return axes;
}

Axes Axes::Filled(int rank, int64_t value) {
  LENSLET_CHECK(rank >= 0 && rank <= kMaxRank);
  Axes axes;
  axes.rank_ = rank;
  std::fill_n(axes.values_.begin(), rank, value);
  return axes;
}

std::string Axes::ToString() const {
  return absl::StrCat("[", absl::StrJoin(begin(), end(), ", "), "]");
}

}  // namespace lenslet
