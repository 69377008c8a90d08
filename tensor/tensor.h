// An array that owns its memory.
//
// The memory is aligned to 64 bytes: a cache line, and the widest vector
// register. It ends with kExtraBytes of padding, since XNNPACK's kernels may
// read up to 16 bytes past the end of an array.

#ifndef LENSLET_TENSOR_TENSOR_H_
#define LENSLET_TENSOR_TENSOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

namespace internal {

// Abort, with a message that names the arguments.
[[noreturn]] void FatalValueCount(int64_t values, const Shape& shape);
[[noreturn]] void FatalElementType(ElementType actual, ElementType expected);

}  // namespace internal

// Movable; copied only by Clone(). A moved-from tensor is empty.
class Tensor {
 public:
  static constexpr int64_t kAlignment = 64;
  static constexpr int64_t kExtraBytes = 64;

  // Empty: shape [0], no memory.
  Tensor() : shape_({0}) {}

  // All elements are zero. Errors: ResourceExhausted if there is not enough
  // memory. Its arguments are in the other order than those of the constructor
  // below.
  static absl::StatusOr<Tensor> Create(ElementType type, const Shape& shape);

  // The same for sizes that the program itself chooses and that the machine
  // surely has, such as some megabytes: aborts, with the message, where
  // Create() returns an error. Use Create() for sizes that come from files or
  // users.
  explicit Tensor(const Shape& shape, ElementType type = ElementType::kFloat32);

  // For values written in code: Tensor::Of({2, 2}, {1, 2, 3, 4}), in row-major
  // order. T is float or uint8_t. Aborts if the number of values does
  // not match the shape.
  template <typename T = float>
  static Tensor Of(const Shape& shape,
                   std::initializer_list<std::type_identity_t<T>> values) {
    Tensor tensor(shape, kElementTypeOf<T>);
    if (static_cast<int64_t>(values.size()) != shape.elements()) {
      internal::FatalValueCount(values.size(), shape);
    }
    std::copy(values.begin(), values.end(), tensor.data<T>());
    return tensor;
  }

  Tensor(Tensor&& other) noexcept { *this = std::move(other); }
  Tensor& operator=(Tensor&& other) noexcept {
    shape_ = std::exchange(other.shape_, Shape({0}));
    type_ = other.type_;
    memory_ = std::move(other.memory_);
    return *this;
  }

  Tensor Clone() const;

  const Shape& shape() const { return shape_; }
  ElementType type() const { return type_; }
  int64_t bytes() const { return shape_.elements() * SizeOf(type_); }
  bool empty() const { return shape_.elements() == 0; }

  // The element of a tensor of floats at the given indices, one per dimension:
  // x(i, j). Aborts, with a message that names the indices and the shape, if an
  // index is out of range or their number is not the rank. For other element
  // types: x.view<uint8_t>()(i, j).
  template <typename... Indices>
  float& operator()(Indices... indices) {
    return view()(indices...);
  }
  template <typename... Indices>
  const float& operator()(Indices... indices) const {
    return view()(indices...);
  }

  // The elements. Aborts if T is not the element type. The pointer is valid
  // until the tensor is destroyed or assigned to. After a move, it points into
  // the new tensor.
  template <typename T = float>
  T* data() {
    CheckType<T>();
    return reinterpret_cast<T*>(memory_.get());
  }
  template <typename T = float>
  const T* data() const {
    CheckType<T>();
    return reinterpret_cast<const T*>(memory_.get());
  }
  template <typename T = float>
  View<T> view() {
    return View<T>(data<T>(), shape_);
  }
  template <typename T = float>
  View<const T> view() const {
    return View<const T>(data<T>(), shape_);
  }
  template <typename T = float>
  absl::Span<T> span() {
    return view<T>().span();
  }
  template <typename T = float>
  absl::Span<const T> span() const {
    return view<T>().span();
  }

 private:
  template <typename T>
  void CheckType() const {
    if (type_ != kElementTypeOf<T>) [[unlikely]] {
      internal::FatalElementType(type_, kElementTypeOf<T>);
    }
  }

  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };

  Shape shape_;
  ElementType type_ = ElementType::kFloat32;
  std::unique_ptr<std::byte[], Free> memory_;
};

}  // namespace lenslet

#endif  // LENSLET_TENSOR_TENSOR_H_
