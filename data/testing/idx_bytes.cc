#include "lenslet/data/testing/idx_bytes.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status WriteSplit(const std::string& prefix, const SmallMnist& options,
                        Random& random) {
  std::vector<uint8_t> labels;
  std::string pixels;
  for (int i = 0; i < options.count; ++i) {
    const int label = i % options.classes;
    labels.push_back(static_cast<uint8_t>(label));
    for (int j = 0; j < options.height * options.width; ++j) {
      const int64_t floor = j % options.classes == label ? 192 : 0;
      pixels.push_back(static_cast<char>(floor + random.Below(64)));
    }
  }
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(
      absl::StrCat(prefix, "-images-idx3-ubyte"),
      IdxImageBytes(options.count, options.height, options.width, pixels)));
  return WriteFileAtomically(absl::StrCat(prefix, "-labels-idx1-ubyte"),
                             IdxLabelBytes(labels));
}

}  // namespace

std::string BigEndianBytes(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(value >> shift & 0xff));
  }
  return bytes;
}

std::string IdxImageBytes(uint32_t count, uint32_t height, uint32_t width,
                          absl::string_view pixels) {
  return absl::StrCat(BigEndianBytes(0x00000803), BigEndianBytes(count),
                      BigEndianBytes(height), BigEndianBytes(width), pixels);
}

std::string IdxBytes(uint8_t type, absl::Span<const uint32_t> dims,
                     absl::string_view numbers) {
  std::string bytes =
      BigEndianBytes(uint32_t{type} << 8 | static_cast<uint32_t>(dims.size()));
  for (const uint32_t dim : dims) bytes += BigEndianBytes(dim);
  return absl::StrCat(bytes, numbers);
}

std::string IdxLabelBytes(absl::Span<const uint8_t> labels) {
  return absl::StrCat(
      BigEndianBytes(0x00000801),
      BigEndianBytes(static_cast<uint32_t>(labels.size())),
      absl::string_view(reinterpret_cast<const char*>(labels.data()),
                        labels.size()));
}

absl::Status WriteSmallMnist(const std::string& directory,
                             const SmallMnist& options) {
  Random random(1);
  LENSLET_RETURN_IF_ERROR(
      WriteSplit(absl::StrCat(directory, "/train"), options, random));
  LENSLET_RETURN_IF_ERROR(
      WriteSplit(absl::StrCat(directory, "/t10k"), options, random));
  std::string classes;
  for (int i = 0; i < options.classes; ++i) {
    absl::StrAppend(&classes, "class ", i, "\n");
  }
  return WriteFileAtomically(absl::StrCat(directory, "/classes.txt"), classes);
}

}  // namespace lenslet
