#include "data/testing/jpeg_bytes.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "tensor/shape.h"

namespace lenslet {
namespace {

// A marker, the length and the contents.
std::string Segment(int marker, const std::string& contents) {
  std::string segment = "\xff";
  const size_t length = contents.size() + 2;
  for (const size_t byte : {size_t(marker), length >> 8, length & 255}) {
    segment.push_back(static_cast<char>(byte));
  }
  return segment + contents;
}

// A Huffman table whose only code is "0", for the symbol 0.
std::string Table(int id) {
  std::string table(1, static_cast<char>(id));
  table.push_back(1);
  return Segment(0xc4, table + std::string(15, '\0') + std::string(1, '\0'));
}

}  // namespace

std::string JpegBytes(const Tensor& image) {
  const Shape& shape = image.shape();
  LENSLET_CHECK(shape.rank() == 3 && shape.dim(2) == 3);
  std::string bytes;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<char*>(data), size);
  };
  LENSLET_CHECK(stbi_write_jpg_to_func(
                    append, &bytes, static_cast<int>(shape.dim(1)),
                    static_cast<int>(shape.dim(0)), 3, image.data<uint8_t>(),
                    /*quality=*/100) != 0);
  return bytes;
}

std::string GrayJpegBytes() {
  const std::string frame("\x08\x00\x08\x00\x08\x01\x01\x11\x00", 9);
  const std::string scan("\x01\x01\x00\x00\x3f\x00", 6);
  // The difference of the first coefficient is 0, and no others follow: two
  // codes "0", and ones to the end of the byte.
  return absl::StrCat(
      "\xff\xd8", Segment(0xdb, std::string(1, '\0') + std::string(64, '\x01')),
      Segment(0xc0, frame), Table(0x00), Table(0x10), Segment(0xda, scan),
      "\x3f", "\xff\xd9");
}

}  // namespace lenslet
