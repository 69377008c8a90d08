// Parts of tensors: what Python writes as x[0:2, :].
//
//   const Tensor top = Slice(x, {{0, 2}, All()});  // The first two rows.
//   SetSlice(x, {All(), {2, 6}}, 0);               // Clears columns 2 to 5.
//
// In the target //tensor. Ranges are for the first dimensions; the others are
// taken whole. Unlike in Python, negative indices do not count from the end:
// they abort, as other mistakes in ranges, shapes and element types do, with a
// message that names them.

#ifndef LENSLET_TENSOR_SLICE_H_
#define LENSLET_TENSOR_SLICE_H_

#include <cstdint>
#include <initializer_list>
#include <limits>

#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Entries [begin, end) of a dimension.
struct Range {
  static constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

  int64_t begin = 0;
  int64_t end = kEnd;  // kEnd: the dimension's size.
};

// The whole dimension.
constexpr Range All() { return {}; }

// Returns a copy of the part. It has as many dimensions as `tensor`.
Tensor Slice(const Tensor& tensor, std::initializer_list<Range> ranges);

// Sets the part to `values`, which must have its shape and element type. The
// tensors may be the same.
void SetSlice(Tensor& tensor, std::initializer_list<Range> ranges,
              const Tensor& values);

// Sets each element of the part. The tensor must hold floats.
void SetSlice(Tensor& tensor, std::initializer_list<Range> ranges, float value);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_SLICE_H_
