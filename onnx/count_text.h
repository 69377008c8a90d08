// Counts in errors.

#ifndef LENSLET_ONNX_COUNT_TEXT_H_
#define LENSLET_ONNX_COUNT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace lenslet {

// "1 axis", "2 axes"
inline std::string AxesText(int64_t count) {
  return absl::StrCat(count, count == 1 ? " axis" : " axes");
}

}  // namespace lenslet

#endif  // LENSLET_ONNX_COUNT_TEXT_H_
