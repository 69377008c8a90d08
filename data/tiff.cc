#include "lenslet/data/tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// A file in memory, and what libtiff says of it. Nothing reaches standard
// error.
struct TiffMemory {
  absl::string_view bytes = {};
  uint64_t offset = 0;
  std::string error = {};    // The first one.
  std::string warning = {};  // The first one.
};

tmsize_t ReadTiffMemory(thandle_t handle, void* out, tmsize_t size) {
  TiffMemory& memory = *static_cast<TiffMemory*>(handle);
  const uint64_t left = memory.bytes.size() -
                        std::min<uint64_t>(memory.offset, memory.bytes.size());
  const uint64_t count = std::min<uint64_t>(size, left);
  if (count > 0) std::memcpy(out, memory.bytes.data() + memory.offset, count);
  memory.offset += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t RefuseToWrite(thandle_t, void*, tmsize_t) { return 0; }

toff_t SeekTiffMemory(thandle_t handle, toff_t offset, int whence) {
  TiffMemory& memory = *static_cast<TiffMemory*>(handle);
  if (whence == SEEK_CUR) offset += memory.offset;
  if (whence == SEEK_END) offset += memory.bytes.size();
  memory.offset = offset;
  return offset;
}

toff_t SizeOfTiffMemory(thandle_t handle) {
  return static_cast<TiffMemory*>(handle)->bytes.size();
}

int CloseTiffMemory(thandle_t) { return 0; }

void KeepFirst(const char* format, va_list arguments, std::string& message) {
  if (!message.empty()) return;
  char text[256];
  std::vsnprintf(text, sizeof(text), format, arguments);
  message = text;
  if (message.empty()) message = "no reason given";
}

// 1 says that the message is dealt with.
int KeepTiffError(TIFF*, void* memory, const char*, const char* format,
                  va_list arguments) {
  KeepFirst(format, arguments, static_cast<TiffMemory*>(memory)->error);
  return 1;
}

int KeepTiffWarning(TIFF*, void* memory, const char*, const char* format,
                    va_list arguments) {
  KeepFirst(format, arguments, static_cast<TiffMemory*>(memory)->warning);
  return 1;
}

using TiffHandle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

TiffHandle OpenTiff(TiffMemory& memory, const DecodeOptions& options) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)>
      open_options(TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  if (open_options == nullptr) return TiffHandle(nullptr, &TIFFClose);
  TIFFOpenOptionsSetErrorHandlerExtR(open_options.get(), KeepTiffError,
                                     &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(open_options.get(), KeepTiffWarning,
                                       &memory);
  // Its own tables are small.
  constexpr int64_t kTables = int64_t{1} << 20;
  TIFFOpenOptionsSetMaxSingleMemAlloc(
      open_options.get(), static_cast<tmsize_t>(options.max_bytes + kTables));
  // "m": without mapping.
  return TiffHandle(
      TIFFClientOpenExt("", "rm", &memory, ReadTiffMemory, RefuseToWrite,
                        SeekTiffMemory, CloseTiffMemory, SizeOfTiffMemory,
                        /*mapproc=*/nullptr, /*unmapproc=*/nullptr,
                        open_options.get()),
      &TIFFClose);
}

absl::Status TiffError(const std::string& path, const TiffMemory& memory) {
  // libtiff's name for a row that it does not know.
  const std::string reason =
      absl::StrReplaceAll(memory.error, {{" at scanline 4294967295", ""}});
  return absl::DataLossError(
      absl::StrCat(path, ": the TIFF file cannot be decoded: ",
                   reason.empty() ? "no reason given" : reason));
}

absl::string_view SampleFormatName(uint16_t format) {
  switch (format) {
    case SAMPLEFORMAT_UINT:
      return "unsigned integers";
    case SAMPLEFORMAT_INT:
      return "signed integers";
    case SAMPLEFORMAT_IEEEFP:
      return "floating-point numbers";
    case SAMPLEFORMAT_COMPLEXINT:
    case SAMPLEFORMAT_COMPLEXIEEEFP:
      return "complex numbers";
    default:
      return "numbers of an unknown kind";
  }
}

// What the directory says.
struct TiffDirectory {
  ImageInfo info = {};
  uint16_t photometric = 0;
  int64_t samples = 1;  // Of a pixel.
  // Whether the samples after the colors begin with alpha, by which colors are
  // multiplied already if `is_multiplied`.
  bool has_alpha = false;
  bool is_multiplied = false;
};

absl::StatusOr<TiffDirectory> ReadDirectory(const std::string& path, TIFF* tiff,
                                            const TiffMemory& memory,
                                            const DecodeOptions& options) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  uint16_t bits = 1, samples = 1, format = SAMPLEFORMAT_UINT;
  uint16_t planar = PLANARCONFIG_CONTIG, orientation = ORIENTATION_TOPLEFT;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  uint16_t extra_count = 0;
  uint16_t* extra = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra);
  TiffDirectory directory = {.samples = samples};
  if (width == 0 || height == 0) {
    return memory.error.empty() ? absl::DataLossError(absl::StrCat(
                                      path, ": corrupt TIFF file, it has ",
                                      width, " x ", height, " pixels"))
                                : TiffError(path, memory);
  }
  // TIFFReadRGBAImage() takes 4 bytes for each pixel.
  LENSLET_RETURN_IF_ERROR(CheckDecodedSize(
      path, width, height, std::max<int64_t>(4, samples * ((bits + 7) / 8)),
      options));
  if (format != SAMPLEFORMAT_UINT ||
      (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the TIFF file's samples are ",
                     SampleFormatName(format), " of ", bits,
                     " bits; expected unsigned integers of 1, 2, 4, 8 or 16 "
                     "bits"));
  }
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &directory.photometric)) {
    directory.photometric =
        samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  }
  const bool is_gray = directory.photometric == PHOTOMETRIC_MINISBLACK ||
                       directory.photometric == PHOTOMETRIC_MINISWHITE;
  const int64_t colors = is_gray ? 1 : 3;
  directory.has_alpha = samples > colors && extra_count > 0 &&
                        (extra[0] == EXTRASAMPLE_ASSOCALPHA ||
                         extra[0] == EXTRASAMPLE_UNASSALPHA);
  directory.is_multiplied =
      directory.has_alpha && extra[0] == EXTRASAMPLE_ASSOCALPHA;
  directory.info = {
      .shape = {height, width, colors},
      .orientation = orientation >= 1 && orientation <= 8 ? orientation : 1,
      .has_long_samples =
          bits == 16 && samples >= colors && planar == PLANARCONFIG_CONTIG &&
          (is_gray || directory.photometric == PHOTOMETRIC_RGB)};
  return directory;
}

// An image of 8 bits, whatever the file has.
absl::StatusOr<Tensor> ReadTiffBytes(const std::string& path, TIFF* tiff,
                                     const TiffMemory& memory,
                                     const TiffDirectory& directory,
                                     const DecodeOptions& options) {
  const Shape& shape = directory.info.shape;
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff, reason)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the TIFF file is of an unsupported kind: ", reason));
  }
  LENSLET_ASSIGN_OR_RETURN(
      Tensor raster,
      CreateImage(path, ElementType::kUint8, {shape.dim(0), shape.dim(1), 4}));
  uint32_t* const pixels = reinterpret_cast<uint32_t*>(raster.data<uint8_t>());
  // Asked for the orientation that it has, it turns nothing.
  if (!TIFFReadRGBAImageOriented(tiff, static_cast<uint32_t>(shape.dim(1)),
                                 static_cast<uint32_t>(shape.dim(0)), pixels,
                                 directory.info.orientation,
                                 /*stopOnError=*/1)) {
    return TiffError(path, memory);
  }
  LENSLET_ASSIGN_OR_RETURN(Tensor image,
                           CreateImage(path, ElementType::kUint8, shape));
  uint8_t* out = image.data<uint8_t>();
  const int64_t colors = shape.dim(2);
  std::array<uint8_t, 3> under = options.background;
  if (colors == 1) under[0] = Brightness(options.background.data());
  for (int64_t i = 0; i < shape.dim(0) * shape.dim(1); ++i) {
    const uint32_t pixel = pixels[i];
    const uint32_t samples[] = {TIFFGetR(pixel), TIFFGetG(pixel),
                                TIFFGetB(pixel)};
    // Samples are multiplied by alpha.
    const uint32_t transparency = 255 - TIFFGetA(pixel);
    for (int64_t c = 0; c < colors; ++c) {
      *out++ = static_cast<uint8_t>(std::min<uint32_t>(
          255, samples[c] + (under[c] * transparency + 127) / 255));
    }
  }
  return image;
}

// Reads pixels of 16-bit samples, row by row or tile by tile.
class TiffWords {
 public:
  TiffWords(TIFF* tiff, const TiffDirectory& directory, Tensor& image,
            const DecodeOptions& options)
      : tiff_(tiff),
        directory_(directory),
        options_(options),
        image_(image),
        height_(image.shape().dim(0)),
        width_(image.shape().dim(1)) {}

  // Returns whether it went well.
  bool Read() { return TIFFIsTiled(tiff_) ? ReadTiles() : ReadRows(); }

 private:
  bool ReadRows() {
    const uint64_t bytes = TIFFScanlineSize64(tiff_);
    if (!Reserve(bytes, width_)) return false;
    for (int64_t row = 0; row < height_; ++row) {
      if (TIFFReadScanline(tiff_, words_.data(), static_cast<uint32_t>(row)) <
          0) {
        return false;
      }
      Put(words_.data(), row, 0, width_);
    }
    return true;
  }

  bool ReadTiles() {
    uint32_t tile_width = 0, tile_height = 0;
    TIFFGetField(tiff_, TIFFTAG_TILEWIDTH, &tile_width);
    TIFFGetField(tiff_, TIFFTAG_TILELENGTH, &tile_height);
    if (tile_width == 0 || tile_height == 0 ||
        tile_height > options_.max_bytes / 2 / tile_width) {
      return false;
    }
    if (!Reserve(TIFFTileSize64(tiff_), int64_t{tile_width} * tile_height)) {
      return false;
    }
    for (int64_t top = 0; top < height_; top += tile_height) {
      for (int64_t left = 0; left < width_; left += tile_width) {
        if (TIFFReadTile(tiff_, words_.data(), static_cast<uint32_t>(left),
                         static_cast<uint32_t>(top), 0, 0) < 0) {
          return false;
        }
        const int64_t rows = std::min<int64_t>(tile_height, height_ - top);
        const int64_t columns = std::min<int64_t>(tile_width, width_ - left);
        for (int64_t row = 0; row < rows; ++row) {
          Put(words_.data() + row * tile_width * directory_.samples, top + row,
              left, columns);
        }
      }
    }
    return true;
  }

  // Room for so many bytes, which hold so many pixels.
  bool Reserve(uint64_t bytes, int64_t pixels) {
    if (bytes > static_cast<uint64_t>(options_.max_bytes) ||
        bytes < static_cast<uint64_t>(2 * pixels * directory_.samples)) {
      return false;
    }
    words_.resize((bytes + 1) / 2);
    return true;
  }

  // Writes pixels of a row to the image.
  void Put(const uint16_t* words, int64_t row, int64_t column, int64_t count) {
    const int64_t colors = image_.shape().dim(2);
    const bool is_inverted = directory_.photometric == PHOTOMETRIC_MINISWHITE;
    float* out = image_.data() + (row * width_ + column) * colors;
    std::array<uint8_t, 3> under = options_.background;
    if (colors == 1) under[0] = Brightness(options_.background.data());
    for (int64_t i = 0; i < count; ++i, words += directory_.samples) {
      const float alpha =
          directory_.has_alpha ? static_cast<float>(words[colors]) / 65535 : 1;
      for (int64_t c = 0; c < colors; ++c) {
        const uint16_t word = is_inverted ? 65535 - words[c] : words[c];
        float sample = static_cast<float>(word) / 65535;
        if (!directory_.is_multiplied) sample *= alpha;
        sample += static_cast<float>(under[c]) / 255 * (1 - alpha);
        *out++ = std::min(sample, 1.0f);
      }
    }
  }

  TIFF* const tiff_;
  const TiffDirectory& directory_;
  const DecodeOptions& options_;
  Tensor& image_;
  const int64_t height_;
  const int64_t width_;
  std::vector<uint16_t> words_;
};

}  // namespace

bool IsTiff(absl::string_view bytes) {
  return absl::StartsWith(bytes, absl::string_view("II*\0", 4)) ||
         absl::StartsWith(bytes, absl::string_view("MM\0*", 4)) ||
         absl::StartsWith(bytes, absl::string_view("II+\0", 4)) ||
         absl::StartsWith(bytes, absl::string_view("MM\0+", 4));
}

absl::StatusOr<ImageInfo> TiffInfo(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options) {
  TiffMemory memory = {.bytes = bytes};
  const TiffHandle tiff = OpenTiff(memory, options);
  if (tiff == nullptr) return TiffError(path, memory);
  LENSLET_ASSIGN_OR_RETURN(const TiffDirectory directory,
                           ReadDirectory(path, tiff.get(), memory, options));
  return directory.info;
}

absl::StatusOr<DecodedImage> DecodeTiff(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  TiffMemory memory = {.bytes = bytes};
  const TiffHandle tiff = OpenTiff(memory, options);
  if (tiff == nullptr) return TiffError(path, memory);
  LENSLET_ASSIGN_OR_RETURN(const TiffDirectory directory,
                           ReadDirectory(path, tiff.get(), memory, options));
  DecodedImage decoded = {.orientation = directory.info.orientation};
  if (directory.info.has_long_samples && options.keep_long_samples) {
    LENSLET_ASSIGN_OR_RETURN(
        decoded.image,
        CreateImage(path, ElementType::kFloat32, directory.info.shape));
    if (!TiffWords(tiff.get(), directory, decoded.image, options).Read()) {
      return TiffError(path, memory);
    }
  } else {
    LENSLET_ASSIGN_OR_RETURN(
        decoded.image,
        ReadTiffBytes(path, tiff.get(), memory, directory, options));
  }
  decoded.warning = memory.warning;
  return decoded;
}

}  // namespace lenslet
