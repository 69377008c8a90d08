// What messages call the examples of a data set.

#ifndef LENSLET_DATA_EXAMPLES_WORD_H_
#define LENSLET_DATA_EXAMPLES_WORD_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// "image" if the inputs are [height, width, 1 or 3], else "example".
inline const char* ExampleWord(const Shape& input) {
  return input.rank() == 3 && (input.dim(2) == 1 || input.dim(2) == 3)
             ? "image"
             : "example";
}

// "images" or "examples".
inline std::string ExamplesWord(const Shape& input) {
  return absl::StrCat(ExampleWord(input), "s");
}

}  // namespace lenslet

#endif  // LENSLET_DATA_EXAMPLES_WORD_H_
