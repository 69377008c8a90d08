// Bytes as an IDX file of images or labels: what is read is what the file says,
// and the same from a gzip file.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/idx.h"
#include "lenslet/data/testing/gzip_bytes.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Whether `bytes` start with the header of an image file of bytes.
bool HasByteImages(absl::string_view bytes) {
  return absl::StartsWith(bytes, absl::string_view("\0\0\x08\x03", 4));
}

void ReadImages(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const absl::StatusOr<Tensor> images = ReadIdxImages(file.path());
  if (!images.ok()) return CheckError(images.status());
  LENSLET_CHECK(!images->empty());
  if (HasByteImages(bytes)) {
    const Shape& shape = images->shape();
    const auto pixels = images->span<uint8_t>();
    LENSLET_CHECK(IdxImageBytes(static_cast<uint32_t>(shape.dim(0)),
                                static_cast<uint32_t>(shape.dim(1)),
                                static_cast<uint32_t>(shape.dim(2)),
                                absl::string_view(reinterpret_cast<const char*>(
                                                      pixels.data()),
                                                  pixels.size())) == bytes);
  }
  if (absl::StartsWith(bytes, "\x1f\x8b")) return;
  const MemoryFile compressed(GzipBytes(std::string(bytes)));
  const absl::StatusOr<Tensor> again = ReadIdxImages(compressed.path());
  LENSLET_CHECK(again.ok() && again->shape() == images->shape() &&
                again->type() == images->type());
}

void ReadLabels(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const absl::StatusOr<std::vector<int32_t>> labels =
      ReadIdxLabels(file.path());
  if (!labels.ok()) return CheckError(labels.status());
  LENSLET_CHECK(!labels->empty());
  if (absl::StartsWith(bytes, "\x1f\x8b")) return;
  const MemoryFile compressed(GzipBytes(std::string(bytes)));
  LENSLET_CHECK(ReadIdxLabels(compressed.path()).value() == *labels);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  lenslet::ReadImages(bytes);
  lenslet::ReadLabels(bytes);
  return 0;
}
