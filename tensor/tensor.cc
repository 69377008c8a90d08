#include "tensor/tensor.h"

#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

int64_t MemoryOfMachine() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

}  // namespace

absl::StatusOr<Tensor> Tensor::Create(ElementType type, const Shape& shape) {
  // Linux would promise more than there is and kill the process later.
  const int64_t limit = MemoryOfMachine();
  const auto error = [&] {
    return absl::ResourceExhaustedError(absl::StrCat(
        "not enough memory for a ", Name(type), " tensor of shape ",
        shape.ToString(), "; the machine has ", limit >> 20, " MiB"));
  };
  if (shape.elements() > (limit - kExtraBytes) / SizeOf(type)) return error();
  const int64_t bytes = shape.elements() * SizeOf(type) + kExtraBytes;
  const int64_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) return error();
  std::memset(memory, 0, rounded);
  Tensor tensor;
  tensor.shape_ = shape;
  tensor.type_ = type;
  tensor.memory_.reset(static_cast<std::byte*>(memory));
  return tensor;
}

Tensor::Tensor(const Shape& shape, ElementType type) {
  absl::StatusOr<Tensor> tensor = Create(type, shape);
  LENSLET_CHECK(tensor.ok());
  *this = *std::move(tensor);
}

Tensor Tensor::Clone() const {
  if (memory_ == nullptr) return Tensor();
  Tensor copy(shape_, type_);
  std::memcpy(copy.memory_.get(), memory_.get(), bytes());
  return copy;
}

}  // namespace lenslet
