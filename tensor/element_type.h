// The type of a tensor's elements.

#ifndef LENSLET_TENSOR_ELEMENT_TYPE_H_
#define LENSLET_TENSOR_ELEMENT_TYPE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

enum class ElementType : uint8_t { kFloat32, kUint8 };

// The ElementType of float or uint8_t. Other types do not compile.
template <typename T>
inline constexpr ElementType kElementTypeOf = T::has_no_element_type;
template <>
inline constexpr ElementType kElementTypeOf<float> = ElementType::kFloat32;
template <>
inline constexpr ElementType kElementTypeOf<uint8_t> = ElementType::kUint8;

// Bytes per element.
constexpr int64_t SizeOf(ElementType type) {
  return type == ElementType::kFloat32 ? 4 : 1;
}

// "float32", "uint8".
constexpr absl::string_view Name(ElementType type) {
  return type == ElementType::kFloat32 ? "float32" : "uint8";
}

}  // namespace lenslet

#endif  // LENSLET_TENSOR_ELEMENT_TYPE_H_
