// What messages call the examples of a data set.

#ifndef LENSLET_INSPECT_EXAMPLES_WORD_H_
#define LENSLET_INSPECT_EXAMPLES_WORD_H_

#include "lenslet/tensor/shape.h"

namespace lenslet {

// "images" if the inputs are [height, width, 1 or 3], else "examples".
inline const char* ExamplesWord(const Shape& input) {
  return input.rank() == 3 && (input.dim(2) == 1 || input.dim(2) == 3)
             ? "images"
             : "examples";
}

}  // namespace lenslet

#endif  // LENSLET_INSPECT_EXAMPLES_WORD_H_
