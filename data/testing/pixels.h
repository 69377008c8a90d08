// The pixels of images, for tests.

#ifndef LENSLET_DATA_TESTING_PIXELS_H_
#define LENSLET_DATA_TESTING_PIXELS_H_

#include <cstdint>
#include <vector>

#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Of all images, one after the other; as numbers, which print better than
// bytes.
inline std::vector<int> Pixels(const Tensor& images) {
  const auto pixels = images.span<uint8_t>();
  return {pixels.begin(), pixels.end()};
}

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_PIXELS_H_
