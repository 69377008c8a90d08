#include "lenslet/data/idx.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/big_endian.h"
#include "lenslet/data/gzip_file.h"
#include "lenslet/tensor/shape.h"

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

// Reads the header, and returns the shape that it gives.
absl::StatusOr<Shape> ReadHeader(const std::string& path,
                                 uint32_t expected_magic, GzipFile& file) {
  const int rank = expected_magic & 0xff;
  std::string header(kMagicBytes + 4 * rank, '\0');
  LENSLET_ASSIGN_OR_RETURN(const int64_t size,
                           file.Read(absl::MakeSpan(header)));
  if (size >= kMagicBytes) {
    const uint32_t magic = BigEndian32(header);
    if (magic != expected_magic) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: is %s (magic number 0x%08x); expected %s (0x%08x)", path,
          KindName(magic), magic, KindName(expected_magic), expected_magic));
    }
  }
  if (size < header.size()) {
    return absl::DataLossError(absl::StrCat(
        path, ": ends within the header of ", KindName(expected_magic),
        "; expected at least ", header.size(), " bytes, got ", size));
  }
  std::vector<int64_t> dims;
  for (int axis = 0; axis < rank; ++axis) {
    dims.push_back(
        BigEndian32(absl::string_view(header).substr(kMagicBytes + 4 * axis)));
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
  return shape;
}

Shape WithChannel(const Shape& shape) {
  return {shape.dim(0), shape.dim(1), shape.dim(2), 1};
}

absl::StatusOr<Tensor> MakeTensor(const std::string& path, const Shape& shape) {
  absl::StatusOr<Tensor> tensor = Tensor::Create(ElementType::kUint8, shape);
  if (!tensor.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", tensor.status().message()));
  }
  return tensor;
}

// Reads to the end, and returns how many bytes there were.
absl::StatusOr<int64_t> CountRest(GzipFile& file) {
  std::vector<char> buffer(64 << 10);
  int64_t count = 0;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                             file.Read(absl::MakeSpan(buffer)));
    count += got;
    if (got < buffer.size()) return count;
  }
}

// Returns the elements: those of images with one channel more than the header
// says.
absl::StatusOr<Tensor> ReadIdx(const std::string& path,
                               uint32_t expected_magic) {
  LENSLET_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path));
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           ReadHeader(path, expected_magic, file));
  Tensor tensor;
  int64_t got = 0;
  // What a header promises is not worth memory that the file cannot fill.
  if (shape.elements() <= file.SizeLimit()) {
    LENSLET_ASSIGN_OR_RETURN(
        tensor,
        MakeTensor(path,
                   expected_magic == kImageMagic ? WithChannel(shape) : shape));
    LENSLET_ASSIGN_OR_RETURN(
        got, file.Read(
                 absl::MakeSpan(reinterpret_cast<char*>(tensor.data<uint8_t>()),
                                shape.elements())));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t rest, CountRest(file));
  got += rest;
  if (got != shape.elements() || tensor.empty()) {
    return absl::DataLossError(absl::StrCat(
        path, got > shape.elements() ? ": too long" : ": truncated",
        ", its header gives the shape ", shape.ToString(), "; expected ",
        shape.elements(), " bytes after it, got ", got));
  }
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
