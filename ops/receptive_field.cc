#include "lenslet/ops/receptive_field.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

constexpr int64_t kMost = int64_t{1} << 62;

// a + b * c, or false where that is not in [-kMost, kMost].
bool MultiplyAdd(int64_t a, int64_t b, int64_t c, int64_t& result) {
  int64_t product;
  return !__builtin_mul_overflow(b, c, &product) &&
         !__builtin_add_overflow(a, product, &result) && result <= kMost &&
         result >= -kMost;
}

}  // namespace

ReceptiveField InputField(int rank) {
  return {.size = Axes::Filled(rank, 1),
          .jump = Axes::Filled(rank, 1),
          .start = Axes::Filled(rank, 0)};
}

absl::StatusOr<ReceptiveField> Through(const Window& window,
                                       const ReceptiveField& field) {
  const int rank = window.kernel.rank();
  if (rank != field.size.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel ", window.kernel.ToString(), " is for ", rank,
                     " spatial dimensions, the receptive field ",
                     field.size.ToString(), " has ", field.size.rank()));
  }
  ReceptiveField result = field;
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t jump = field.jump[axis];
    if (!MultiplyAdd(field.size[axis], Extent(window, axis) - 1, jump,
                     result.size[axis]) ||
        !MultiplyAdd(field.start[axis], -window.padding.before[axis], jump,
                     result.start[axis]) ||
        !MultiplyAdd(0, window.stride[axis], jump, result.jump[axis])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the receptive field ", field.size.ToString(), " with jump ",
          field.jump.ToString(), " grows beyond 2^62 by kernel ",
          window.kernel.ToString(), " with stride ", window.stride.ToString()));
    }
  }
  return result;
}

absl::StatusOr<ReceptiveField> Union(const ReceptiveField& a,
                                     const ReceptiveField& b) {
  if (!(a.jump == b.jump)) {
    return absl::InvalidArgumentError(
        absl::StrCat("receptive fields with jumps ", a.jump.ToString(), " and ",
                     b.jump.ToString(), " have no union for all positions"));
  }
  ReceptiveField result = a;
  for (int axis = 0; axis < a.size.rank(); ++axis) {
    result.start[axis] = std::min(a.start[axis], b.start[axis]);
    result.size[axis] =
        std::max(a.start[axis] + a.size[axis], b.start[axis] + b.size[axis]) -
        result.start[axis];
  }
  return result;
}

}  // namespace lenslet
