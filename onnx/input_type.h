// The type of a network's examples in an ONNX model, whose input is always
// floats: bytes are divided by 255 before.

#ifndef LENSLET_ONNX_INPUT_TYPE_H_
#define LENSLET_ONNX_INPUT_TYPE_H_

#include <optional>

#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The metadata that has the type's name, if it is not the usual type.
inline constexpr char kInputTypeKey[] = "input_type";

// Tables, texts and sounds are usually floats. Images, [height, width,
// channels], may be both; absent, their users take them for bytes.
inline std::optional<ElementType> UsualInputType(const Shape& input) {
  if (input.rank() == 3) return std::nullopt;
  return ElementType::kFloat32;
}

}  // namespace lenslet

#endif  // LENSLET_ONNX_INPUT_TYPE_H_
