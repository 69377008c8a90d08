#include "lenslet/data/idx.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/gzip_file.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// The magic number is two zero bytes, the type and the number of dimensions.
constexpr uint32_t kLabelMagic = 0x00000801;
constexpr uint32_t kImageMagic = 0x00000803;
constexpr int64_t kMagicBytes = 4;

struct IdxType {
  uint32_t code;
  const char* name;
  int bytes;
  bool is_float;
};

constexpr IdxType kIdxTypes[] = {
    {0x08, "uint8", 1, false},  {0x09, "int8", 1, false},
    {0x0b, "int16", 2, false},  {0x0c, "int32", 4, false},
    {0x0d, "float32", 4, true}, {0x0e, "float64", 8, true},
};

std::optional<IdxType> TypeOf(uint32_t magic) {
  for (const IdxType& type : kIdxTypes) {
    if (magic >> 8 == type.code) return type;
  }
  return std::nullopt;
}

std::string KindName(uint32_t magic) {
  if (magic == kLabelMagic) return "a label file";
  if (magic == kImageMagic) return "an image file";
  const std::optional<IdxType> type = TypeOf(magic);
  if (!type.has_value()) return "not an IDX file";
  return absl::StrCat("an IDX file of ", type->name, " with ", magic & 0xff,
                      " dimensions");
}

// The most significant byte first.
uint64_t BigEndianAt(const char* bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

// T is int32_t or float.
template <typename T>
T NumberAt(const IdxType& type, const char* bytes) {
  const uint64_t bits = BigEndianAt(bytes, type.bytes);
  switch (type.code) {
    case 0x09:
      return static_cast<T>(static_cast<int8_t>(bits));
    case 0x0b:
      return static_cast<T>(static_cast<int16_t>(bits));
    case 0x0c:
      return static_cast<T>(static_cast<int32_t>(bits));
    case 0x0d:
      return static_cast<T>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case 0x0e: {
      const auto number = std::bit_cast<double>(bits);
      // Beyond the floats, conversion is undefined.
      const bool fits = std::abs(number) <= std::numeric_limits<float>::max();
      return fits ? static_cast<T>(number) : std::numeric_limits<T>::infinity();
    }
    default:
      return static_cast<T>(bits);
  }
}

struct IdxHeader {
  IdxType type;
  Shape shape;
  int64_t bytes() const { return MultiplySizes(shape.elements(), type.bytes); }
};

bool IsLabelFile(uint32_t magic) {
  const std::optional<IdxType> type = TypeOf(magic);
  return type.has_value() && !type->is_float && (magic & 0xff) == 1;
}

bool IsImageFile(uint32_t magic) {
  const uint32_t rank = magic & 0xff;
  return TypeOf(magic).has_value() && rank >= 2 && rank < Shape::kMaxRank;
}

// `usual_magic` is kImageMagic or kLabelMagic.
absl::StatusOr<IdxHeader> ReadHeader(const std::string& path,
                                     uint32_t usual_magic, GzipFile& file) {
  std::string header(kMagicBytes, '\0');
  LENSLET_ASSIGN_OR_RETURN(int64_t size, file.Read(absl::MakeSpan(header)));
  uint32_t magic = usual_magic;
  if (size == kMagicBytes) {
    magic = static_cast<uint32_t>(BigEndianAt(header.data(), kMagicBytes));
    if (usual_magic == kImageMagic ? !IsImageFile(magic)
                                   : !IsLabelFile(magic)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: is %s (magic number 0x%08x); expected %s (0x%08x)", path,
          KindName(magic), magic, KindName(usual_magic), usual_magic));
    }
  }
  const int rank = magic & 0xff;
  header.resize(kMagicBytes + 4 * rank);
  if (size == kMagicBytes) {
    LENSLET_ASSIGN_OR_RETURN(
        const int64_t rest,
        file.Read(absl::MakeSpan(header).subspan(kMagicBytes)));
    size += rest;
  }
  if (size < static_cast<int64_t>(header.size())) {
    return absl::DataLossError(absl::StrCat(
        path, ": ends within the header of ", KindName(magic),
        "; expected at least ", header.size(), " bytes, got ", size));
  }
  std::vector<int64_t> dims;
  for (int axis = 0; axis < rank; ++axis) {
    dims.push_back(static_cast<int64_t>(
        BigEndianAt(header.data() + kMagicBytes + 4 * axis, 4)));
  }
  const absl::StatusOr<Shape> shape = Shape::Create(dims);
  if (!shape.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", shape.status().message()));
  }
  if (shape->elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is empty, its header gives the shape ", shape->ToString()));
  }
  return IdxHeader{.type = *TypeOf(magic), .shape = *shape};
}

// Reads to the end, and returns how many bytes there were.
absl::StatusOr<int64_t> CountRest(GzipFile& file) {
  std::vector<char> buffer(64 << 10);
  int64_t count = 0;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                             file.Read(absl::MakeSpan(buffer)));
    count += got;
    if (got < static_cast<int64_t>(buffer.size())) return count;
  }
}

// Reads numbers into `out`, converted. Returns the number of bytes.
template <typename T>
absl::StatusOr<int64_t> ReadNumbers(const IdxType& type, absl::Span<T> out,
                                    GzipFile& file) {
  constexpr size_t kAtOnce = 16 << 10;
  std::vector<char> buffer(kAtOnce * type.bytes);
  int64_t bytes = 0;
  while (!out.empty()) {
    const size_t count = std::min(out.size(), kAtOnce);
    LENSLET_ASSIGN_OR_RETURN(
        const int64_t got,
        file.Read(absl::MakeSpan(buffer).subspan(0, count * type.bytes)));
    bytes += got;
    if (got < static_cast<int64_t>(count) * type.bytes) break;
    for (size_t i = 0; i < count; ++i) {
      out[i] = NumberAt<T>(type, buffer.data() + i * type.bytes);
    }
    out.remove_prefix(count);
  }
  return bytes;
}

// After `got` bytes, that these were all bytes of the file and as many as its
// header says.
absl::Status CheckIdxSize(const std::string& path, const IdxHeader& header,
                          int64_t got, GzipFile& file) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t rest, CountRest(file));
  got += rest;
  if (got == header.bytes()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      path, got > header.bytes() ? ": too long" : ": truncated",
      ", its header gives the shape ", header.shape.ToString(), "; expected ",
      header.bytes(), " bytes after it, got ", got));
}

// What a header promises is not worth memory that the file cannot fill.
bool MayFill(const IdxHeader& header, const GzipFile& file) {
  return header.bytes() <= file.SizeLimit();
}

}  // namespace

absl::StatusOr<Tensor> ReadIdxImages(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path));
  LENSLET_ASSIGN_OR_RETURN(const IdxHeader header,
                           ReadHeader(path, kImageMagic, file));
  Shape shape = header.shape;
  if (shape.rank() == 3) shape = {shape.dim(0), shape.dim(1), shape.dim(2), 1};
  Tensor tensor;
  int64_t got = 0;
  if (MayFill(header, file)) {
    const bool are_bytes = header.type.code == 0x08;
    absl::StatusOr<Tensor> created = Tensor::Create(
        are_bytes ? ElementType::kUint8 : ElementType::kFloat32, shape);
    if (!created.ok()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, ": ", created.status().message()));
    }
    tensor = *std::move(created);
    if (are_bytes) {
      LENSLET_ASSIGN_OR_RETURN(
          got, file.Read(absl::MakeSpan(
                   reinterpret_cast<char*>(tensor.data<uint8_t>()),
                   shape.elements())));
    } else {
      LENSLET_ASSIGN_OR_RETURN(got,
                               ReadNumbers(header.type, tensor.span(), file));
    }
  }
  LENSLET_RETURN_IF_ERROR(CheckIdxSize(path, header, got, file));
  return tensor;
}

absl::StatusOr<std::vector<int32_t>> ReadIdxLabels(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path));
  LENSLET_ASSIGN_OR_RETURN(const IdxHeader header,
                           ReadHeader(path, kLabelMagic, file));
  std::vector<int32_t> labels;
  int64_t got = 0;
  if (MayFill(header, file)) {
    labels.resize(header.shape.elements());
    LENSLET_ASSIGN_OR_RETURN(
        got, ReadNumbers(header.type, absl::MakeSpan(labels), file));
  }
  LENSLET_RETURN_IF_ERROR(CheckIdxSize(path, header, got, file));
  return labels;
}

}  // namespace lenslet
