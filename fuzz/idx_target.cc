// Bytes as an IDX file of images or labels: what is read is what the file says,
// and the same from a gzip file.

#include <cstdint>
#include <string>

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

using Reader = absl::StatusOr<Tensor> (*)(const std::string& path);

// The bytes of a plain file with that tensor in it.
std::string Written(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  const auto elements = tensor.span<uint8_t>();
  if (shape.rank() == 1) return IdxLabelBytes(elements);
  return IdxImageBytes(
      static_cast<uint32_t>(shape.dim(0)), static_cast<uint32_t>(shape.dim(1)),
      static_cast<uint32_t>(shape.dim(2)),
      absl::string_view(reinterpret_cast<const char*>(elements.data()),
                        elements.size()));
}

void ReadBy(Reader read, absl::string_view bytes) {
  const MemoryFile file(bytes);
  const absl::StatusOr<Tensor> tensor = read(file.path());
  if (!tensor.ok()) return CheckError(tensor.status());
  LENSLET_CHECK(tensor->type() == ElementType::kUint8 && !tensor->empty());
  const std::string written = Written(*tensor);
  LENSLET_CHECK(absl::StartsWith(bytes, "\x1f\x8b") || written == bytes);
  const MemoryFile compressed(GzipBytes(written));
  const absl::StatusOr<Tensor> again = read(compressed.path());
  LENSLET_CHECK(again.ok() && Written(*again) == written);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  lenslet::ReadBy(lenslet::ReadIdxImages, bytes);
  lenslet::ReadBy(lenslet::ReadIdxLabels, bytes);
  return 0;
}
