// Formats tensors as text, laid out as numpy prints arrays.
//
//   [[ 0.    1.5 ]
//    [-2.    0.25]]

#ifndef LENSLET_TENSOR_PRINT_H_
#define LENSLET_TENSOR_PRINT_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct PrintOptions {
  // The maximum number of digits after the decimal point. Fewer are printed if
  // all elements need fewer. If an element is 1e8 or more, or would lose its
  // digits, all elements are printed with an exponent.
  int precision = 4;
  // A tensor with more elements than `threshold` is abbreviated: each longer
  // dimension shows `edge` entries at its start and at its end, with "..."
  // between. `edge` is at least 1.
  int64_t threshold = 1000;
  int64_t edge = 3;
};

std::string ToString(View<const float> view, const PrintOptions& options = {});
std::string ToString(View<const uint8_t> view,
                     const PrintOptions& options = {});
std::string ToString(const Tensor& tensor, const PrintOptions& options = {});

std::ostream& operator<<(std::ostream& os, const Tensor& tensor);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_PRINT_H_
