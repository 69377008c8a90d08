// One integer per spatial dimension, outermost first: {rows, columns} of an
// image, {frames, rows, columns} of a clip.

#ifndef LENSLET_OPS_AXES_H_
#define LENSLET_OPS_AXES_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lenslet {

// Holds up to kMaxRank numbers. Does not check their values; users do.
class Axes {
 public:
  static constexpr int kMaxRank = 3;

  // Empty. Where an Axes has a default, empty selects the default.
  Axes() = default;
  // For literals in code. Aborts for more than kMaxRank numbers.
  Axes(std::initializer_list<int64_t> values);
  // Errors: InvalidArgument for more than kMaxRank numbers.
  static absl::StatusOr<Axes> Create(absl::Span<const int64_t> values);
  // The same number for each of `rank` dimensions.
  static Axes Filled(int rank, int64_t value);

  int rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }
  int64_t operator[](int axis) const { return values_[axis]; }
  int64_t& operator[](int axis) { return values_[axis]; }
  const int64_t* begin() const { return values_.data(); }
  const int64_t* end() const { return values_.data() + rank_; }

  // "[28, 28]"
  std::string ToString() const;

  friend bool operator==(const Axes& a, const Axes& b) = default;

 private:
  int rank_ = 0;
  std::array<int64_t, kMaxRank> values_ = {};
};

// The number of positions in a three-dimensional array of this size.
inline int64_t Volume(const Axes& size) { return size[0] * size[1] * size[2]; }

}  // namespace lenslet

#endif  // LENSLET_OPS_AXES_H_
