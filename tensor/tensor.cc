#include "lenslet/tensor/tensor.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {

namespace internal {

void FatalValueCount(int64_t values, const Shape& shape) {
  Fatal(absl::StrCat(values, " values for a tensor of shape ", shape.ToString(),
                     "; expected ", shape.elements()));
}

void FatalElementType(ElementType actual, ElementType expected) {
  const char* type = actual == ElementType::kUint8 ? "uint8_t" : "float";
  Fatal(absl::StrCat("the tensor's elements are ", Name(actual), "; expected ",
                     Name(expected), ", or data<", type, ">() and view<", type,
                     ">()"));
}

}  // namespace internal

absl::StatusOr<Tensor> Tensor::Create(ElementType type, const Shape& shape) {
  const std::string what =
      absl::StrCat("a ", Name(type), " tensor of shape ", shape.ToString());
  const int64_t bytes =
      AddSizes(MultiplySizes(shape.elements(), SizeOf(type)), kExtraBytes);
  LENSLET_RETURN_IF_ERROR(CheckMemory(bytes, what));
  // Where no limit is known. Larger numbers would overflow below.
  constexpr int64_t kMaxBytes = int64_t{1} << 62;
  const int64_t rounded =
      (std::min(bytes, kMaxBytes) + kAlignment - 1) / kAlignment * kAlignment;
  void* memory =
      bytes > kMaxBytes ? nullptr : std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("not enough memory for ", what));
  }
  std::memset(memory, 0, rounded);
  Tensor tensor;
  tensor.shape_ = shape;
  tensor.type_ = type;
  tensor.memory_.reset(static_cast<std::byte*>(memory));
  return tensor;
}

Tensor::Tensor(const Shape& shape, ElementType type) {
  absl::StatusOr<Tensor> tensor = Create(type, shape);
  if (!tensor.ok()) Fatal(tensor.status().message());
  *this = *std::move(tensor);
}

Tensor Tensor::Clone() const {
  if (memory_ == nullptr) return Tensor();
  Tensor copy(shape_, type_);
  std::memcpy(copy.memory_.get(), memory_.get(), bytes());
  return copy;
}

}  // namespace lenslet
