// A non-owning view of an array: a pointer and a shape.

#ifndef LENSLET_TENSOR_VIEW_H_
#define LENSLET_TENSOR_VIEW_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "absl/types/span.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

namespace internal {

// These abort, with a message that names the arguments.
[[noreturn]] void FatalIndex(std::initializer_list<int64_t> indices,
                             const Shape& shape);
[[noreturn]] void FatalSlice(int64_t begin, int64_t end, const Shape& shape);
[[noreturn]] void FatalReshape(const Shape& from, const Shape& to);

}  // namespace internal

// Elements in row-major order without gaps. Pass it by value. The memory must
// outlive it. View<const float> is read-only. View<T> converts to View<const
// T>.
template <typename T>
class View {
 public:
  // An empty view: data() is null. Means "none" where a view is optional.
  View() : shape_({0}) {}

  // `data` points to shape.elements() elements.
  View(T* data, const Shape& shape) : data_(data), shape_(shape) {}

  template <typename U, typename = std::enable_if_t<
                            std::is_same_v<const U, T> && !std::is_const_v<U>>>
  View(View<U> other)  // NOLINT: implicit, as T* to const T* is.
      : data_(other.data()), shape_(other.shape()) {}

  T* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  int64_t size() const { return shape_.elements(); }
  absl::Span<T> span() const { return absl::MakeSpan(data_, size()); }
  T& operator[](int64_t i) const { return data_[i]; }

  // The element at the given indices, one per dimension: view(i, j). Aborts,
  // with a message that names the indices and the shape, if an index is out of
  // range or their number is not the rank. The check takes time: inner loops
  // use data().
  template <typename... Indices>
  T& operator()(Indices... indices) const {
    static_assert((std::is_integral_v<Indices> && ...));
    return at({static_cast<int64_t>(indices)...});
  }
  T& at(std::initializer_list<int64_t> indices) const {
    if (static_cast<int>(indices.size()) != shape_.rank()) [[unlikely]] {
      internal::FatalIndex(indices, shape_);
    }
    int64_t offset = 0;
    int axis = 0;
    for (int64_t index : indices) {
      const int64_t size = shape_.dim(axis++);
      if (index < 0 || index >= size) [[unlikely]] {
        internal::FatalIndex(indices, shape_);
      }
      offset = offset * size + index;
    }
    return data_[offset];
  }

  // Entries [begin, end) of the first dimension. Aborts if the range is out of
  // bounds.
  View Slice(int64_t begin, int64_t end) const {
    if (shape_.rank() == 0 || begin < 0 || begin > end || end > shape_.dim(0))
        [[unlikely]] {
      internal::FatalSlice(begin, end, shape_);
    }
    std::array<int64_t, Shape::kMaxRank> dims = {};
    std::copy(shape_.dims().begin(), shape_.dims().end(), dims.begin());
    dims[0] = end - begin;
    return View(
        data_ + begin * shape_.inner_elements(),
        *Shape::Create(absl::MakeConstSpan(dims.data(), shape_.rank())));
  }

  // The same elements in another shape. Aborts if the number of elements
  // differs.
  View Reshape(const Shape& shape) const {
    if (shape.elements() != size()) [[unlikely]] {
      internal::FatalReshape(shape_, shape);
    }
    return View(data_, shape);
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
};

}  // namespace lenslet

#endif  // LENSLET_TENSOR_VIEW_H_
