// Small data sets and their pixels, for tests.

#ifndef LENSLET_DATA_TESTING_PIXELS_H_
#define LENSLET_DATA_TESTING_PIXELS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Of all images, one after the other; as numbers, which print better than
// bytes.
inline std::vector<int> Pixels(const Dataset& dataset) {
  const Tensor inputs = *dataset.Inputs();
  const auto pixels = inputs.span<uint8_t>();
  return {pixels.begin(), pixels.end()};
}

// Examples of one class, for tests of what happens to inputs.
inline Dataset OfOneClass(Tensor inputs, Normalization normalization = {}) {
  Tensor targets({inputs.shape().dim(0)}, ElementType::kUint8);
  return *MakeDataset(
      {.inputs = std::move(inputs), .targets = std::move(targets)}, {"a"},
      std::move(normalization));
}

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_PIXELS_H_
