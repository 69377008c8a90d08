// Small convolutions and images, for tests.

#ifndef LENSLET_OPS_CONV_TESTING_SMALL_CONVS_H_
#define LENSLET_OPS_CONV_TESTING_SMALL_CONVS_H_

#include <cstdint>

#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

inline ConvSpec Spec(int64_t in, int64_t out, const Window& window,
                     bool has_bias = true) {
  return {.input_channels = in,
          .output_channels = out,
          .window = window,
          .has_bias = has_bias};
}

// 0..8 as a 3x3 image of one channel.
inline Tensor X3() {
  Tensor x({1, 3, 3, 1});
  FillIota(0, x.span());
  return x;
}

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TESTING_SMALL_CONVS_H_
