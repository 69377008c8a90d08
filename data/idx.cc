#include "data/idx.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "data/big_endian.h"
#include "data/gzip_file.h"
#include "tensor/shape.h"

namespace lenslet {
namespace {

// The magic number is two zero bytes, the type and the number of dimensions.
constexpr uint32_t kLabelMagic = 0x00000801;
constexpr uint32_t kImageMagic = 0x00000803;
constexpr int64_t kMagicBytes = 4;

// "" for what is not an IDX type.
std::string TypeName(uint32_t magic) {
  switch (magic >> 8) {
    case 0x08:
      return "uint8";
    case 0x09:
      return "int8";
    case 0x0b:
      return "int16";
    case 0x0c:
      return "int32";
    case 0x0d:
      return "float32";
    case 0x0e:
      return "float64";
    default:
      return "";
  }
}

std::string KindName(uint32_t magic) {
  if (magic == kLabelMagic) return "a label file";
  if (magic == kImageMagic) return "an image file";
  const std::string type = TypeName(magic);
  if (type.empty()) return "not an IDX file";
  return absl::StrCat("an IDX file of ", type, " with ", magic & 0xff,
                      " dimensions");
}

// Returns the elements, of the shape that the header gives.
absl::StatusOr<Tensor> ReadIdx(const std::string& path,
                               uint32_t expected_magic) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadMaybeGzipped(path));
  const int rank = expected_magic & 0xff;
  const int64_t header_bytes = kMagicBytes + 4 * rank;
  const int64_t size = bytes.size();
  if (size >= kMagicBytes) {
    const uint32_t magic = BigEndian32(bytes);
    if (magic != expected_magic) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: wrong magic number, expected 0x%08x, got 0x%08x: this is %s, "
          "%s is expected",
          path, expected_magic, magic, KindName(magic),
          KindName(expected_magic)));
    }
  }
  if (size < header_bytes) {
    return absl::DataLossError(absl::StrCat(
        path, ": ends within the header of ", KindName(expected_magic),
        ", expected at least ", header_bytes, " bytes, got ", size));
  }
  std::vector<int64_t> dims;
  for (int axis = 0; axis < rank; ++axis) {
    dims.push_back(
        BigEndian32(absl::string_view(bytes).substr(kMagicBytes + 4 * axis)));
  }
  absl::StatusOr<Shape> shape = Shape::Create(dims);
  if (!shape.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", shape.status().message()));
  }
  if (shape->elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is empty, its header gives the shape ", shape->ToString()));
  }
  const int64_t data_bytes = size - header_bytes;
  if (data_bytes != shape->elements()) {
    return absl::DataLossError(absl::StrCat(
        path, data_bytes < shape->elements() ? ": truncated" : ": too long",
        ", its header gives the shape ", shape->ToString(), ", expected ",
        shape->elements(), " bytes after it, got ", data_bytes));
  }
  if (expected_magic == kImageMagic) {
    // As many elements as before: this cannot fail.
    dims.push_back(1);
    shape = Shape::Create(dims);
  }
  absl::StatusOr<Tensor> tensor = Tensor::Create(ElementType::kUint8, *shape);
  if (!tensor.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", tensor.status().message()));
  }
  std::memcpy(tensor->data<uint8_t>(), bytes.data() + header_bytes, data_bytes);
  return tensor;
}

}  // namespace

absl::StatusOr<Tensor> ReadIdxImages(const std::string& path) {
  return ReadIdx(path, kImageMagic);
}

absl::StatusOr<Tensor> ReadIdxLabels(const std::string& path) {
  return ReadIdx(path, kLabelMagic);
}

}  // namespace lenslet
