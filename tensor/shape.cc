#include "lenslet/tensor/shape.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/check.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {
namespace {

std::string Bracketed(absl::Span<const int64_t> dims) {
  return absl::StrCat("[", absl::StrJoin(dims, ", "), "]");
}

}  // namespace

Shape::Shape(std::initializer_list<int64_t> dims) {
  absl::StatusOr<Shape> shape = Create(dims);
  if (!shape.ok()) Fatal(shape.status().message());
  *this = *shape;
}

absl::StatusOr<Shape> Shape::Create(absl::Span<const int64_t> dims) {
  if (dims.size() > kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape ", Bracketed(dims), " has ", dims.size(),
                     " dimensions; expected at most ", kMaxRank));
  }
  Shape shape;
  shape.rank_ = static_cast<int>(dims.size());
  // A zero hides no overflow of the others: a part of the shape is a shape too.
  int64_t product = 1;
  bool empty = false;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", Bracketed(dims), " has the negative size ",
                       dims[axis], " along axis ", axis));
    }
    empty |= dims[axis] == 0;
    if (__builtin_mul_overflow(product, std::max<int64_t>(dims[axis], 1),
                               &product)) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", Bracketed(dims),
                       " has more elements than 64 bits can count"));
    }
    shape.dims_[axis] = dims[axis];
  }
  shape.elements_ = empty ? 0 : product;
  return shape;
}

int64_t Shape::inner_elements() const {
  LENSLET_CHECK(rank_ >= 1);
  int64_t product = 1;
  for (int axis = 1; axis < rank_; ++axis) product *= dims_[axis];
  return product;
}

absl::StatusOr<Shape> Shape::WithOuter(int64_t outer) const {
  std::array<int64_t, kMaxRank + 1> all = {outer};
  std::copy(dims_.begin(), dims_.end(), all.begin() + 1);
  return Create(absl::MakeConstSpan(all.data(), rank_ + 1));
}

std::string Shape::ToString() const { return Bracketed(dims()); }

}  // namespace lenslet
