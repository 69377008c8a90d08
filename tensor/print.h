// Tensors as text, laid out as numpy prints arrays.
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
  // Digits after the decimal point at most; fewer where all elements need
  // fewer. Numbers from 1e8 on or that would lose their digits are printed with
  // an exponent, all of them.
  int precision = 4;
  // A tensor with more elements than this shows `edge` entries at the start
  // and at the end of each longer dimension, "..." between. At least 1.
  int64_t threshold = 1000;
  int64_t edge = 3;
};

std::string ToString(View<const float> view, const PrintOptions& options = {});
std::string ToString(View<const int8_t> view, const PrintOptions& options = {});
std::string ToString(View<const uint8_t> view,
                     const PrintOptions& options = {});
std::string ToString(const Tensor& tensor, const PrintOptions& options = {});

std::ostream& operator<<(std::ostream& os, const Tensor& tensor);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_PRINT_H_
