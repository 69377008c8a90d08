#include "lenslet/data/testing/jpeg_bytes.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
// After <cstdio>, which it needs.
#include <jpeglib.h>

#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/tensor/shape.h"

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

std::string JpegBytes(const Tensor& image, const JpegKind& kind) {
  const Shape& shape = image.shape();
  LENSLET_CHECK(shape.rank() == 3);
  const int channels = static_cast<int>(shape.dim(2));
  LENSLET_CHECK(channels == 1 || channels == 3 || channels == 4);
  jpeg_error_mgr error;
  jpeg_compress_struct info = {};
  info.err = jpeg_std_error(&error);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_height = static_cast<JDIMENSION>(shape.dim(0));
  info.image_width = static_cast<JDIMENSION>(shape.dim(1));
  info.input_components = channels;
  info.in_color_space = channels == 1   ? JCS_GRAYSCALE
                        : channels == 3 ? JCS_RGB
                                        : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (kind.ycck) jpeg_set_colorspace(&info, JCS_YCCK);
  jpeg_set_quality(&info, 100, /*force_baseline=*/TRUE);
  if (!kind.subsampled) {
    info.comp_info[0].h_samp_factor = 1;
    info.comp_info[0].v_samp_factor = 1;
  }
  if (kind.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  std::string row(shape.dim(1) * channels, '\0');
  while (info.next_scanline < info.image_height) {
    std::memcpy(row.data(),
                image.data<uint8_t>() + info.next_scanline * row.size(),
                row.size());
    JSAMPROW pixels = reinterpret_cast<JSAMPROW>(row.data());
    jpeg_write_scanlines(&info, &pixels, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const std::string result(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return result;
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
