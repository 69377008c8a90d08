#include "lenslet/tensor/slice.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {
namespace {

struct Part {
  std::array<int64_t, Shape::kMaxRank> begin = {};
  Shape shape;
};

Part PartOf(const Shape& whole, std::initializer_list<Range> ranges) {
  if (static_cast<int>(ranges.size()) > whole.rank()) {
    Fatal(absl::StrCat(ranges.size(), " ranges for a tensor of shape ",
                       whole.ToString(), "; expected at most ", whole.rank()));
  }
  Part part;
  std::array<int64_t, Shape::kMaxRank> dims = {};
  std::copy(whole.dims().begin(), whole.dims().end(), dims.begin());
  int axis = 0;
  for (const Range& range : ranges) {
    const int64_t end = range.end == Range::kEnd ? dims[axis] : range.end;
    if (range.begin < 0 || range.begin > end || end > dims[axis]) {
      Fatal(absl::StrCat("range [", range.begin, ", ", end, ") of dimension ",
                         axis, " is out of range for a tensor of shape ",
                         whole.ToString()));
    }
    part.begin[axis] = range.begin;
    dims[axis++] = end - range.begin;
  }
  part.shape = *Shape::Create(absl::MakeConstSpan(dims.data(), whole.rank()));
  return part;
}

// Calls f(offset in the whole, offset in the part, count) for each run of
// elements that are contiguous in both.
void ForEachRun(const Shape& whole, const Part& part,
                absl::FunctionRef<void(int64_t, int64_t, int64_t)> f) {
  if (part.shape.elements() == 0) return;
  const int last = whole.rank() - 1;
  if (last < 0) return f(0, 0, 1);
  const int64_t width = part.shape.dim(last);
  for (int64_t row = 0; row < part.shape.elements() / width; ++row) {
    int64_t offset = part.begin[last];
    int64_t stride = whole.dim(last);
    int64_t outer_row = row;
    for (int axis = last - 1; axis >= 0; --axis) {
      const int64_t size = part.shape.dim(axis);
      offset += (part.begin[axis] + outer_row % size) * stride;
      stride *= whole.dim(axis);
      outer_row /= size;
    }
    f(offset, row * width, width);
  }
}

const char* Bytes(const Tensor& tensor) {
  return tensor.type() == ElementType::kFloat32
             ? reinterpret_cast<const char*>(tensor.data())
             : reinterpret_cast<const char*>(tensor.data<uint8_t>());
}

char* MutableBytes(Tensor& tensor) { return const_cast<char*>(Bytes(tensor)); }

}  // namespace

Tensor Slice(const Tensor& tensor, std::initializer_list<Range> ranges) {
  const Part part = PartOf(tensor.shape(), ranges);
  Tensor slice(part.shape, tensor.type());
  const int64_t size = SizeOf(tensor.type());
  ForEachRun(tensor.shape(), part,
             [&](int64_t from, int64_t to, int64_t count) {
               std::memcpy(MutableBytes(slice) + to * size,
                           Bytes(tensor) + from * size, count * size);
             });
  return slice;
}

void SetSlice(Tensor& tensor, std::initializer_list<Range> ranges,
              const Tensor& values) {
  const Part part = PartOf(tensor.shape(), ranges);
  if (values.shape() != part.shape || values.type() != tensor.type()) {
    Fatal(absl::StrCat("the values are ", Name(values.type()), " ",
                       values.shape().ToString(), "; the slice is ",
                       Name(tensor.type()), " ", part.shape.ToString()));
  }
  const int64_t size = SizeOf(tensor.type());
  ForEachRun(tensor.shape(), part,
             [&](int64_t to, int64_t from, int64_t count) {
               std::memmove(MutableBytes(tensor) + to * size,
                            Bytes(values) + from * size, count * size);
             });
}

void SetSlice(Tensor& tensor, std::initializer_list<Range> ranges,
              float value) {
  float* data = tensor.data();
  ForEachRun(tensor.shape(), PartOf(tensor.shape(), ranges),
             [&](int64_t to, int64_t, int64_t count) {
               std::fill_n(data + to, count, value);
             });
}

}  // namespace lenslet
