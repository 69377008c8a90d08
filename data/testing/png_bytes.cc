#include "lenslet/data/testing/png_bytes.h"

#include <zlib.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

std::string PngBytes(const Tensor& image) {
  const Shape& shape = image.shape();
  std::string bytes;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<char*>(data), size);
  };
  LENSLET_CHECK(stbi_write_png_to_func(
                    append, &bytes, static_cast<int>(shape.dim(1)),
                    static_cast<int>(shape.dim(0)),
                    static_cast<int>(shape.dim(2)), image.data<uint8_t>(),
                    /*stride_in_bytes=*/0) != 0);
  return bytes;
}

std::string PngChunk(absl::string_view type, absl::string_view data) {
  const std::string checked = absl::StrCat(type, data);
  const uLong checksum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()),
            static_cast<uInt>(checked.size()));
  return absl::StrCat(BigEndianBytes(static_cast<uint32_t>(data.size())),
                      checked, BigEndianBytes(static_cast<uint32_t>(checksum)));
}

}  // namespace lenslet
