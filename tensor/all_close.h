// Compares computed numbers with expected ones.

#ifndef LENSLET_TENSOR_ALL_CLOSE_H_
#define LENSLET_TENSOR_ALL_CLOSE_H_

#include "absl/status/status.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// `actual` is close to `expected` when
//   |actual - expected| <= absolute + relative * |expected|.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
};

// Returns OK if the shapes are equal and all elements are close. Otherwise
// returns OutOfRange, with the number of elements that are not close and
// details of the one furthest over its tolerance: its index, both values, the
// difference and the allowed difference. A NaN is close to nothing, an infinity
// only to itself.
absl::Status AllClose(View<const float> actual, View<const float> expected,
                      Tolerance tolerance);
// Both tensors must have float elements.
absl::Status AllClose(const Tensor& actual, const Tensor& expected,
                      Tolerance tolerance = {});

}  // namespace lenslet

#endif  // LENSLET_TENSOR_ALL_CLOSE_H_
