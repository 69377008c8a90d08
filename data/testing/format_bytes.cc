#include "lenslet/data/testing/format_bytes.h"

#include <tiffio.h>
#include <webp/encode.h>
#include <webp/mux.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/png_bytes.h"

namespace lenslet {
namespace {

std::string LittleEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text.push_back(static_cast<char>(value >> 8 * i & 255));
  }
  return text;
}

// A TIFF file that is written to memory.
struct WrittenTiff {
  std::string bytes;
  size_t offset = 0;
};

tmsize_t ReadWritten(thandle_t handle, void* out, tmsize_t size) {
  WrittenTiff& file = *static_cast<WrittenTiff*>(handle);
  const size_t left =
      file.bytes.size() - std::min(file.offset, file.bytes.size());
  const size_t count = std::min<size_t>(size, left);
  std::memcpy(out, file.bytes.data() + file.offset, count);
  file.offset += count;
  return count;
}

tmsize_t WriteWritten(thandle_t handle, void* data, tmsize_t size) {
  WrittenTiff& file = *static_cast<WrittenTiff*>(handle);
  file.bytes.resize(std::max(file.bytes.size(), file.offset + size));
  std::memcpy(file.bytes.data() + file.offset, data, size);
  file.offset += size;
  return size;
}

toff_t SeekWritten(thandle_t handle, toff_t offset, int whence) {
  WrittenTiff& file = *static_cast<WrittenTiff*>(handle);
  if (whence == SEEK_CUR) offset += file.offset;
  if (whence == SEEK_END) offset += file.bytes.size();
  file.offset = offset;
  return offset;
}

int CloseWritten(thandle_t) { return 0; }

toff_t SizeOfWritten(thandle_t handle) {
  return static_cast<WrittenTiff*>(handle)->bytes.size();
}

// Of samples of `bytes` bytes.
std::string WriteTiff(const uint8_t* samples, const Shape& shape, int bytes,
                      const TiffKind& kind) {
  const int64_t height = shape.dim(0), width = shape.dim(1);
  const int64_t channels = shape.dim(2);
  WrittenTiff file;
  TIFF* tiff = TIFFClientOpen("", kind.is_big_endian ? "wbm" : "wlm", &file,
                              ReadWritten, WriteWritten, SeekWritten,
                              CloseWritten, SizeOfWritten, nullptr, nullptr);
  LENSLET_CHECK(tiff != nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8 * bytes);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(channels));
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               kind.is_planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  const int64_t colors = channels - kind.has_alpha;
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
               colors == 4          ? PHOTOMETRIC_SEPARATED
               : colors == 3        ? PHOTOMETRIC_RGB
               : kind.is_white_zero ? PHOTOMETRIC_MINISWHITE
                                    : PHOTOMETRIC_MINISBLACK);
  if (kind.has_alpha) {
    const uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  }
  const int64_t row_bytes = width * channels * bytes;
  if (kind.is_tiled) {
    constexpr int64_t kSide = 16;
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, static_cast<uint32_t>(kSide));
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, static_cast<uint32_t>(kSide));
    const int64_t pixel_bytes = channels * bytes;
    for (int64_t top = 0; top < height; top += kSide) {
      for (int64_t left = 0; left < width; left += kSide) {
        std::string tile(kSide * kSide * pixel_bytes, '\0');
        for (int64_t row = 0; row < std::min(kSide, height - top); ++row) {
          std::memcpy(&tile[row * kSide * pixel_bytes],
                      samples + (top + row) * row_bytes + left * pixel_bytes,
                      std::min(kSide, width - left) * pixel_bytes);
        }
        LENSLET_CHECK(TIFFWriteTile(tiff, tile.data(), left, top, 0, 0) >= 0);
      }
    }
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 3);
    for (int64_t plane = 0; plane < (kind.is_planar ? channels : 1); ++plane) {
      for (int64_t row = 0; row < height; ++row) {
        std::string line(
            reinterpret_cast<const char*>(samples) + row * row_bytes,
            row_bytes);
        if (kind.is_planar) {
          for (int64_t x = 0; x < width; ++x) {
            std::memcpy(&line[x * bytes], &line[(x * channels + plane) * bytes],
                        bytes);
          }
        }
        LENSLET_CHECK(TIFFWriteScanline(tiff, line.data(), row, plane) >= 0);
      }
    }
  }
  TIFFClose(tiff);
  return file.bytes;
}

std::string ToString(const WebPData& data) {
  return {reinterpret_cast<const char*>(data.bytes), data.size};
}

// What `mux` holds, which this deletes.
std::string Assemble(WebPMux* mux) {
  WebPData assembled = {};
  LENSLET_CHECK(WebPMuxAssemble(mux, &assembled) == WEBP_MUX_OK);
  const std::string bytes = ToString(assembled);
  WebPDataClear(&assembled);
  WebPMuxDelete(mux);
  return bytes;
}

WebPData ToWebPData(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string BmpBytes(const Tensor& image) {
  const int64_t height = image.shape().dim(0), width = image.shape().dim(1);
  std::string bytes = absl::StrCat(
      "BM", LittleEndian(0, 8), LittleEndian(54, 4), LittleEndian(40, 4),
      LittleEndian(static_cast<uint32_t>(width), 4),
      LittleEndian(static_cast<uint32_t>(height), 4), LittleEndian(1, 2),
      LittleEndian(24, 2), std::string(24, '\0'));
  for (int64_t row = height - 1; row >= 0; --row) {
    const uint8_t* pixel = image.data<uint8_t>() + row * width * 3;
    for (int64_t column = 0; column < width; ++column, pixel += 3) {
      for (const int c : {2, 1, 0}) {
        bytes.push_back(static_cast<char>(pixel[c]));
      }
    }
    bytes.append(width % 4, '\0');  // Rows of 3 width bytes, in fours.
  }
  return bytes;
}

std::string GifBytes(const Tensor& image, int transparent) {
  const Shape& shape = image.shape();
  const std::string size =
      absl::StrCat(LittleEndian(static_cast<uint32_t>(shape.dim(1)), 2),
                   LittleEndian(static_cast<uint32_t>(shape.dim(0)), 2));
  std::string bytes =
      absl::StrCat("GIF89a", size, absl::string_view("\x81\0\0", 3),
                   absl::string_view("\0\0\0\xff\0\0\0\xff\0\0\0\xff", 12));
  if (transparent >= 0) {
    absl::StrAppend(&bytes, absl::string_view("\x21\xf9\x04\x01\0\0", 6),
                    LittleEndian(transparent, 1), absl::string_view("\0", 1));
  }
  absl::StrAppend(&bytes, ",", absl::string_view("\0\0\0\0", 4), size,
                  absl::string_view("\0\x02", 2));
  // Codes of 3 bits: 4 clears the table, before it needs longer codes; 5 ends.
  std::vector<int> codes;
  for (const uint8_t index : image.span<uint8_t>()) {
    if (codes.size() % 3 == 0) codes.push_back(4);
    codes.push_back(index);
  }
  codes.push_back(5);
  std::string data;
  int bits = 0, count = 0;
  for (const int code : codes) {
    bits |= code << count;
    count += 3;
    for (; count >= 8; count -= 8, bits >>= 8) {
      data.push_back(static_cast<char>(bits & 255));
    }
  }
  if (count > 0) data.push_back(static_cast<char>(bits));
  for (size_t i = 0; i < data.size(); i += 255) {
    const std::string block = data.substr(i, 255);
    absl::StrAppend(
        &bytes, LittleEndian(static_cast<uint32_t>(block.size()), 1), block);
  }
  absl::StrAppend(&bytes, absl::string_view("\0;", 2));
  return bytes;
}

std::string TiffBytes(const Tensor& image, const TiffKind& kind) {
  return WriteTiff(image.data<uint8_t>(), image.shape(), 1, kind);
}

std::string TiffBytes(const std::vector<uint16_t>& words, const Shape& shape,
                      const TiffKind& kind) {
  return WriteTiff(reinterpret_cast<const uint8_t*>(words.data()), shape, 2,
                   kind);
}

std::string WebpBytes(const Tensor& image, const std::string& exif) {
  const Shape& shape = image.shape();
  const int height = static_cast<int>(shape.dim(0));
  const int width = static_cast<int>(shape.dim(1));
  const bool has_alpha = shape.dim(2) == 4;
  uint8_t* output = nullptr;
  const size_t size = has_alpha
                          ? WebPEncodeLosslessRGBA(image.data<uint8_t>(), width,
                                                   height, 4 * width, &output)
                          : WebPEncodeLosslessRGB(image.data<uint8_t>(), width,
                                                  height, 3 * width, &output);
  LENSLET_CHECK(size > 0);
  const std::string bytes(reinterpret_cast<char*>(output), size);
  WebPFree(output);
  if (exif.empty()) return bytes;
  WebPMux* mux = WebPMuxNew();
  const WebPData picture = ToWebPData(bytes), data = ToWebPData(exif);
  LENSLET_CHECK(WebPMuxSetImage(mux, &picture, 1) == WEBP_MUX_OK);
  LENSLET_CHECK(WebPMuxSetChunk(mux, "EXIF", &data, 1) == WEBP_MUX_OK);
  return Assemble(mux);
}

std::string AnimatedWebpBytes(const Tensor& image, int x, int y, int width,
                              int height) {
  const std::string bytes = WebpBytes(image);
  WebPMux* mux = WebPMuxNew();
  LENSLET_CHECK(WebPMuxSetCanvasSize(mux, width, height) == WEBP_MUX_OK);
  WebPMuxFrameInfo frame = {};
  frame.bitstream = ToWebPData(bytes);
  frame.x_offset = x;
  frame.y_offset = y;
  frame.duration = 100;
  frame.id = WEBP_CHUNK_ANMF;
  for (int i = 0; i < 2; ++i) {
    LENSLET_CHECK(WebPMuxPushFrame(mux, &frame, 1) == WEBP_MUX_OK);
  }
  const WebPMuxAnimParams parameters = {};
  LENSLET_CHECK(WebPMuxSetAnimationParams(mux, &parameters) == WEBP_MUX_OK);
  return Assemble(mux);
}

std::string LongPngBytes(const std::vector<uint16_t>& words,
                         const Shape& shape) {
  const int64_t height = shape.dim(0), samples = shape.dim(1) * shape.dim(2);
  std::string raw;
  for (int64_t row = 0; row < height; ++row) {
    raw.push_back('\0');  // No filter.
    for (int64_t i = 0; i < samples; ++i) {
      const uint16_t word = words[row * samples + i];
      raw.push_back(static_cast<char>(word >> 8));
      raw.push_back(static_cast<char>(word & 255));
    }
  }
  uLongf size = compressBound(raw.size());
  std::string data(size, '\0');
  compress(reinterpret_cast<Bytef*>(data.data()), &size,
           reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  data.resize(size);
  const char color_types[] = {0, 4, 2, 6};
  const std::string header =
      absl::StrCat(BigEndianBytes(static_cast<uint32_t>(shape.dim(1))),
                   BigEndianBytes(static_cast<uint32_t>(height)),
                   std::string({16, color_types[shape.dim(2) - 1], 0, 0, 0}));
  return absl::StrCat("\x89PNG\r\n\x1a\n", PngChunk("IHDR", header),
                      PngChunk("IDAT", data), PngChunk("IEND", ""));
}

}  // namespace lenslet
