#include "lenslet/data/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <utility>
// After <cstdio>, which it needs.
#include <jpeglib.h>
// After <jpeglib.h>.
#include <jerror.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/exif.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Files have about ten. Each costs a damaged or malicious file only some bytes,
// but us a pass over all coefficients.
constexpr int kMaxScans = 100;

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr absl::string_view kExifName("Exif\0\0", 6);

// libjpeg's functions do not return after an error, but jump out of Attempt().
struct ErrorManager {
  jpeg_error_mgr base;  // First: libjpeg knows the whole by its address.
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  char warning[JMSG_LENGTH_MAX];  // The first one; empty if there is none.
};

[[noreturn]] void Fail(j_common_ptr info) {
  ErrorManager* error = reinterpret_cast<ErrorManager*>(info->err);
  error->base.format_message(info, error->message);
  std::longjmp(error->jump, 1);
}

// `level` is -1 for a warning, after which libjpeg makes up what is missing.
void HandleMessage(j_common_ptr info, int level) {
  if (level >= 0) return;
  ErrorManager* error = reinterpret_cast<ErrorManager*>(info->err);
  switch (error->base.msg_code) {
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
      return;  // About the header only.
    case JWRN_JPEG_EOF:
      Fail(info);
    default:
      if (error->warning[0] == '\0') {
        error->base.format_message(info, error->warning);
      }
  }
}

// Lets `step` use libjpeg. Returns whether it came to its end. Nothing that
// `step` has on its stack may have a destructor.
template <typename Step>
bool Attempt(ErrorManager& error, Step step) {
  if (setjmp(error.jump) != 0) return false;
  step();
  return true;
}

class Decoder {
 public:
  Decoder() {
    info_.err = jpeg_std_error(&error_.base);
    error_.base.error_exit = Fail;
    error_.base.emit_message = HandleMessage;
    progress_.progress_monitor = CountScans;
  }
  ~Decoder() { jpeg_destroy_decompress(&info_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Everything in front of the coefficients. Returns whether it went well.
  bool ReadHeader(absl::string_view bytes) {
    return Attempt(error_, [this, bytes] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
      jpeg_save_markers(&info_, kExifMarker, 0xffff);
      jpeg_read_header(&info_, TRUE);
    });
  }

  // The rest, into rows of `row_bytes`: as many as info().image_height, scaled.
  bool ReadPixels(J_COLOR_SPACE color_space, uint8_t* pixels,
                  size_t row_bytes) {
    return Attempt(error_, [=, this] {
      info_.out_color_space = color_space;
      jpeg_start_decompress(&info_);
      while (info_.output_scanline < info_.output_height) {
        JSAMPROW row = pixels + info_.output_scanline * row_bytes;
        jpeg_read_scanlines(&info_, &row, 1);
      }
      jpeg_finish_decompress(&info_);
    });
  }

  // Decodes to 1 / `scale` of each side: 1, 2, 4 or 8.
  void SetScale(int scale) {
    info_.scale_num = 1;
    info_.scale_denom = scale;
  }

  const jpeg_decompress_struct& info() const { return info_; }

  // The first complaint about a file that could be decoded.
  std::string Warning() const { return error_.warning; }

  // What went wrong.
  absl::Status Error(const std::string& path) const {
    const std::string message = absl::StrCat(
        path, ": the JPEG file cannot be decoded: ", error_.message);
    switch (error_.base.msg_code) {
      case JERR_ARITH_NOTIMPL:
      case JERR_BAD_PRECISION:
      case JERR_CCIR601_NOTIMPL:
      case JERR_FRACT_SAMPLE_NOTIMPL:
      case JERR_IMAGE_TOO_BIG:
      case JERR_SOF_UNSUPPORTED:
        return absl::InvalidArgumentError(message);
      case JERR_OUT_OF_MEMORY:
        return absl::ResourceExhaustedError(message);
      default:
        return absl::DataLossError(message);
    }
  }

 private:
  static void CountScans(j_common_ptr common) {
    const j_decompress_ptr info = reinterpret_cast<j_decompress_ptr>(common);
    if (info->input_scan_number <= kMaxScans) return;
    ErrorManager* error = reinterpret_cast<ErrorManager*>(info->err);
    error->base.msg_code = JERR_BAD_PROGRESSION;
    std::snprintf(error->message, sizeof(error->message),
                  "it has more than %d scans", kMaxScans);
    std::longjmp(error->jump, 1);
  }

  ErrorManager error_ = {};
  jpeg_progress_mgr progress_ = {};
  jpeg_decompress_struct info_ = {};
};

int OrientationOf(const jpeg_decompress_struct& info) {
  for (const jpeg_marker_struct* marker = info.marker_list; marker != nullptr;
       marker = marker->next) {
    const absl::string_view data(reinterpret_cast<const char*>(marker->data),
                                 marker->data_length);
    if (marker->marker == kExifMarker && absl::StartsWith(data, kExifName)) {
      return ExifOrientation(data);
    }
  }
  return 1;
}

// What the header says.
absl::StatusOr<ImageInfo> InfoOf(const std::string& path,
                                 const jpeg_decompress_struct& info,
                                 const DecodeOptions& options) {
  const int64_t height = info.image_height;
  const int64_t width = info.image_width;
  LENSLET_RETURN_IF_ERROR(
      CheckDecodedSize(path, width, height, info.num_components, options));
  const int channels = info.num_components;
  if (channels != 1 && channels != 3 && channels != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the JPEG file has ", channels,
                     " channels; expected 1 (gray), 3 (RGB) or 4 (CMYK)"));
  }
  return ImageInfo{.shape = {height, width, channels == 1 ? 1 : 3},
                   .orientation = OrientationOf(info)};
}

int64_t ScaledDown(int64_t size, int scale) {
  return (size + scale - 1) / scale;
}

// By how much the image may be scaled down.
int ScaleOf(const ImageInfo& header, const DecodeOptions& options) {
  if (options.height < 1 || options.width < 1) return 1;
  const Shape upright = UprightShape(header.shape, header.orientation);
  for (const int scale : {8, 4, 2}) {
    if (ScaledDown(upright.dim(0), scale) >= 2 * options.height &&
        ScaledDown(upright.dim(1), scale) >= 2 * options.width) {
      return scale;
    }
  }
  return 1;
}

// Makes colors of inks: cyan, magenta, yellow and black, each 255 for none.
void InksToColors(const uint8_t* inks, int64_t count, bool is_inverted,
                  uint8_t* out) {
  const int flip = is_inverted ? 0 : 255;
  for (int64_t i = 0; i < count; ++i) {
    const int white = inks[3] ^ flip;
    for (int c = 0; c < 3; ++c) {
      *out++ = static_cast<uint8_t>(((inks[c] ^ flip) * white + 127) / 255);
    }
    inks += 4;
  }
}

}  // namespace

absl::StatusOr<DecodedImage> DecodeJpeg(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  Decoder decoder;
  if (!decoder.ReadHeader(bytes)) return decoder.Error(path);
  const jpeg_decompress_struct& info = decoder.info();
  LENSLET_ASSIGN_OR_RETURN(const ImageInfo header, InfoOf(path, info, options));
  const int scale = ScaleOf(header, options);
  decoder.SetScale(scale);
  const int64_t height = ScaledDown(header.shape.dim(0), scale);
  const int64_t width = ScaledDown(header.shape.dim(1), scale);
  const int64_t channels = info.num_components;
  LENSLET_ASSIGN_OR_RETURN(
      Tensor image,
      CreateImage(path, ElementType::kUint8, {height, width, channels}));
  const J_COLOR_SPACE color_space = channels == 1   ? JCS_GRAYSCALE
                                    : channels == 3 ? JCS_RGB
                                                    : JCS_CMYK;
  if (!decoder.ReadPixels(color_space, image.data<uint8_t>(),
                          width * channels)) {
    return decoder.Error(path);
  }
  if (channels == 4) {
    LENSLET_ASSIGN_OR_RETURN(
        Tensor colors,
        CreateImage(path, ElementType::kUint8, {height, width, 3}));
    InksToColors(image.data<uint8_t>(), height * width,
                 info.saw_Adobe_marker != FALSE, colors.data<uint8_t>());
    image = std::move(colors);
  }
  DecodedImage decoded = {.image = std::move(image),
                          .orientation = header.orientation,
                          .warning = decoder.Warning()};
  if (scale > 1) {
    decoded.full_size = {header.shape.dim(0), header.shape.dim(1)};
  }
  return decoded;
}

absl::StatusOr<ImageInfo> JpegInfo(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options) {
  Decoder decoder;
  if (!decoder.ReadHeader(bytes)) return decoder.Error(path);
  return InfoOf(path, decoder.info(), options);
}

}  // namespace lenslet
