// Pointers to elements of a type that is known at run time.

#ifndef LENSLET_TENSOR_BUFFER_H_
#define LENSLET_TENSOR_BUFFER_H_

#include "lenslet/base/check.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {

// A pointer that may be read from. Does not own the memory.
class ConstBuffer {
 public:
  // Null.
  ConstBuffer() = default;
  // To memory that is aligned for `type`.
  ConstBuffer(const void* data, ElementType type) : data_(data), type_(type) {}
  template <typename T>
  ConstBuffer(const T* data)  // NOLINT: as a pointer to const T.
      : data_(data), type_(kElementTypeOf<T>) {}

  ElementType type() const { return type_; }

  // The first element. Aborts if T is not the element type.
  template <typename T = float>
  const T* data() const {
    LENSLET_CHECK(type_ == kElementTypeOf<T>);
    return static_cast<const T*>(data_);
  }

 private:
  const void* data_ = nullptr;
  ElementType type_ = ElementType::kFloat32;
};

// A pointer that may be written to as well.
class Buffer {
 public:
  Buffer() = default;
  // To memory that is aligned for `type`.
  Buffer(void* data, ElementType type) : data_(data), type_(type) {}
  template <typename T>
  Buffer(T* data)  // NOLINT: as a pointer to T.
      : data_(data), type_(kElementTypeOf<T>) {}

  ElementType type() const { return type_; }

  template <typename T = float>
  T* data() const {
    LENSLET_CHECK(type_ == kElementTypeOf<T>);
    return static_cast<T*>(data_);
  }

  operator ConstBuffer() const { return ConstBuffer(data_, type_); }

 private:
  void* data_ = nullptr;
  ElementType type_ = ElementType::kFloat32;
};

}  // namespace lenslet

#endif  // LENSLET_TENSOR_BUFFER_H_
