#include "lenslet/data/image_file.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/check.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/bmp.h"
#include "lenslet/data/crop_margin.h"
#include "lenslet/data/exif.h"
#include "lenslet/data/gif.h"
#include "lenslet/data/jpeg.h"
#include "lenslet/data/png.h"
#include "lenslet/data/pnm.h"
#include "lenslet/data/tiff.h"
#include "lenslet/data/webp.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxResizeBytes = int64_t{1} << 30;

void CheckIsImage(const Tensor& image) {
  const Shape& shape = image.shape();
  LENSLET_CHECK(shape.rank() == 3 && !image.empty());
  LENSLET_CHECK(shape.dim(2) == 1 || shape.dim(2) == 3);
}

// Catmull and Rom's filter leaves a side of the same size as it is.
stbir_filter FilterFor(int64_t from, int64_t to) {
  return to < from ? STBIR_FILTER_MITCHELL : STBIR_FILTER_CATMULLROM;
}

// The image of `height` x `width` pixels, neither more than it has, each the
// mean of those in its place. Reads the image row by row.
template <typename T>
absl::StatusOr<Tensor> AverageDown(const Tensor& image, int64_t height,
                                   int64_t width) {
  constexpr bool kIsByte = std::is_same_v<T, uint8_t>;
  const Shape& shape = image.shape();
  const int64_t channels = shape.dim(2);
  LENSLET_ASSIGN_OR_RETURN(
      Tensor small, Tensor::Create(image.type(), {height, width, channels}));
  const T* in = image.data<T>();
  T* out = small.data<T>();
  std::vector<std::conditional_t<kIsByte, int64_t, double>> sums(width *
                                                                 channels);
  // The first row or column that belongs to the `i`th of `parts`.
  const auto begin = [](int64_t i, int64_t parts, int64_t size) {
    return i * size / parts;
  };
  for (int64_t h = 0; h < height; ++h) {
    std::fill(sums.begin(), sums.end(), 0);
    const int64_t rows =
        begin(h + 1, height, shape.dim(0)) - begin(h, height, shape.dim(0));
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t w = 0; w < width; ++w) {
        const int64_t columns =
            begin(w + 1, width, shape.dim(1)) - begin(w, width, shape.dim(1));
        for (int64_t i = 0; i < columns; ++i) {
          for (int64_t c = 0; c < channels; ++c) {
            sums[w * channels + c] += *in++;
          }
        }
      }
    }
    for (int64_t w = 0; w < width; ++w) {
      const int64_t pixels = rows * (begin(w + 1, width, shape.dim(1)) -
                                     begin(w, width, shape.dim(1)));
      for (int64_t c = 0; c < channels; ++c) {
        *out++ = static_cast<T>(
            (sums[w * channels + c] + (kIsByte ? pixels / 2 : 0)) / pixels);
      }
    }
  }
  return small;
}

// Three channels that are the same.
template <typename T>
Tensor ToColor(const Tensor& gray) {
  Tensor color({gray.shape().dim(0), gray.shape().dim(1), 3}, gray.type());
  T* out = color.data<T>();
  for (const T x : gray.span<T>()) out = std::fill_n(out, 3, x);
  return color;
}

// What reads a format.
struct FormatEntry {
  ImageFileFormat format;
  absl::string_view name;
  absl::StatusOr<DecodedImage> (*decode)(const std::string& path,
                                         absl::string_view bytes,
                                         const DecodeOptions& options);
  absl::StatusOr<ImageInfo> (*read_info)(const std::string& path,
                                         absl::string_view bytes,
                                         const DecodeOptions& options);
  // Whether what `read_info` needs may be anywhere in the file.
  bool has_scattered_header = false;
};

constexpr FormatEntry kFormats[] = {
    {ImageFileFormat::kPng, "PNG", DecodePng, PngInfo},
    {ImageFileFormat::kJpeg, "JPEG", DecodeJpeg, JpegInfo},
    {ImageFileFormat::kPgm, "PGM", DecodePnm, PnmInfo},
    {ImageFileFormat::kPpm, "PPM", DecodePnm, PnmInfo},
    {ImageFileFormat::kBmp, "BMP", DecodeBmp, BmpInfo},
    {ImageFileFormat::kGif, "GIF", DecodeGif, GifInfo},
    {ImageFileFormat::kTiff, "TIFF", DecodeTiff, TiffInfo,
     /*has_scattered_header=*/true},
    {ImageFileFormat::kWebp, "WebP", DecodeWebp, WebpInfo,
     /*has_scattered_header=*/true},
};

const FormatEntry& EntryOf(ImageFileFormat format) {
  for (const FormatEntry& entry : kFormats) {
    if (entry.format == format) return entry;
  }
  LENSLET_CHECK(false);
  return kFormats[0];
}

// "a PFM file (Pf); expected ...": what an image is that is not read, or "".
std::string OtherFormat(absl::string_view bytes) {
  struct NetpbmKind {
    absl::string_view magic, name, expected;
  };
  constexpr NetpbmKind kKinds[] = {
      {"P1", "an ASCII PBM file", "a binary PGM file (P5)"},
      {"P2", "an ASCII PGM file", "a binary one (P5)"},
      {"P3", "an ASCII PPM file", "a binary one (P6)"},
      {"P4", "a PBM file", "a binary PGM file (P5)"},
      {"P7", "a PAM file", "a binary PGM or PPM file (P5 or P6)"},
      {"Pf", "a PFM file", "a binary PGM file (P5)"},
      {"PF", "a PFM file", "a binary PPM file (P6)"}};
  for (const NetpbmKind& kind : kKinds) {
    if (!absl::StartsWith(bytes, kind.magic) || bytes.size() < 3 ||
        (!absl::ascii_isspace(bytes[2]) && bytes[2] != '#')) {
      continue;
    }
    return absl::StrCat(kind.name, " (", kind.magic, "); expected ",
                        kind.expected);
  }
  if (IsHeicOrAvif(bytes)) {
    return absl::StrCat(bytes[8] == 'a' ? "an AVIF" : "a HEIC",
                        " file; expected a ", kImageFormats,
                        " file: ", kConvertHeic);
  }
  return "";
}

absl::StatusOr<ImageFileFormat> FindFormat(const std::string& path,
                                           absl::string_view bytes) {
  // ImageFormatOf() knows only the start of the signature.
  const std::optional<ImageFileFormat> format = ImageFormatOf(bytes);
  if (format.has_value() && (*format != ImageFileFormat::kPng ||
                             absl::StartsWith(bytes, kPngSignature))) {
    return *format;
  }
  if (bytes.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is empty; expected a ", kImageFormats, " file"));
  }
  if (const std::string other = OtherFormat(bytes); !other.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is ", other));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": is not a ", kImageFormats, " file"));
}

absl::StatusOr<ImageHeader> DecodeHeader(const std::string& path,
                                         absl::string_view bytes,
                                         const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const ImageFileFormat format,
                           FindFormat(path, bytes));
  LENSLET_ASSIGN_OR_RETURN(const ImageInfo info,
                           EntryOf(format).read_info(path, bytes, options));
  return ImageHeader{.format = format,
                     .shape = UprightShape(info.shape, info.orientation),
                     .orientation = info.orientation,
                     .has_long_samples = info.has_long_samples};
}

}  // namespace

std::optional<ImageFileFormat> ImageFormatOf(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\x89PNG")) return ImageFileFormat::kPng;
  if (absl::StartsWith(bytes, kJpegSignature)) return ImageFileFormat::kJpeg;
  if (absl::StartsWith(bytes, kGifSignature)) return ImageFileFormat::kGif;
  if (IsTiff(bytes)) return ImageFileFormat::kTiff;
  if (IsWebp(bytes)) return ImageFileFormat::kWebp;
  if (IsBmp(bytes)) return ImageFileFormat::kBmp;
  if (bytes.size() > 2 && !absl::ascii_isspace(bytes[2])) return std::nullopt;
  if (absl::StartsWith(bytes, "P5")) return ImageFileFormat::kPgm;
  if (absl::StartsWith(bytes, "P6")) return ImageFileFormat::kPpm;
  return std::nullopt;
}

bool IsHeicOrAvif(absl::string_view bytes) {
  // Boxes of ISO's base media format begin with their size and kind.
  if (bytes.size() < 12 || bytes.substr(4, 4) != "ftyp") return false;
  for (const absl::string_view brand :
       {"heic", "heix", "hevc", "mif1", "msf1", "avif", "avis"}) {
    if (bytes.substr(8, 4) == brand) return true;
  }
  return false;
}

absl::StatusOr<Tensor> ReadImageFile(const std::string& path,
                                     const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeImage(path, bytes, options);
}

absl::StatusOr<Tensor> DecodeImage(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(DecodedImage decoded,
                           DecodeUpright(path, bytes, options));
  return std::move(decoded.image);
}

absl::StatusOr<DecodedImage> DecodeUpright(const std::string& path,
                                           absl::string_view bytes,
                                           const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const ImageFileFormat format,
                           FindFormat(path, bytes));
  LENSLET_ASSIGN_OR_RETURN(DecodedImage decoded,
                           EntryOf(format).decode(path, bytes, options));
  absl::StatusOr<Tensor> upright =
      TurnUpright(std::move(decoded.image), decoded.orientation);
  if (!upright.ok()) return AtPlace(upright.status(), path);
  decoded.image = *std::move(upright);
  return decoded;
}

bool MayHaveLongSamples(ImageFileFormat format) {
  switch (format) {
    case ImageFileFormat::kPng:
    case ImageFileFormat::kPgm:
    case ImageFileFormat::kPpm:
    case ImageFileFormat::kTiff:
      return true;
    case ImageFileFormat::kJpeg:
    case ImageFileFormat::kBmp:
    case ImageFileFormat::kGif:
    case ImageFileFormat::kWebp:
      break;
  }
  return false;
}

absl::string_view Name(ImageFileFormat format) { return EntryOf(format).name; }

absl::StatusOr<ImageHeader> ReadImageHeader(const std::string& path,
                                            const DecodeOptions& options) {
  constexpr int64_t kFirstBytes = 64 << 10;
  constexpr int64_t kMostBytes = 2 << 20;
  LENSLET_ASSIGN_OR_RETURN(InputFile file, InputFile::Open(path));
  std::string start(kFirstBytes, '\0');
  LENSLET_ASSIGN_OR_RETURN(int64_t size, file.Read(absl::MakeSpan(start)));
  if (const auto format =
          ImageFormatOf(absl::string_view(start).substr(0, size));
      format.has_value() && EntryOf(*format).has_scattered_header) {
    LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    return DecodeHeader(path, bytes, options);
  }
  absl::StatusOr<ImageHeader> header =
      DecodeHeader(path, absl::string_view(start).substr(0, size), options);
  if (header.ok() || size < kFirstBytes) return header;
  start.resize(kMostBytes);
  LENSLET_ASSIGN_OR_RETURN(
      const int64_t more,
      file.Read(absl::MakeSpan(start).subspan(kFirstBytes)));
  return DecodeHeader(path, absl::string_view(start).substr(0, size + more),
                      options);
}

absl::Status WritePngFile(const std::string& path, const Tensor& image) {
  const absl::StatusOr<std::string> bytes = EncodePng(image);
  if (!bytes.ok()) return AtPlace(bytes.status(), path);
  return WriteFileAtomically(path, *bytes);
}

Tensor ToGray(const Tensor& image) {
  CheckIsImage(image);
  const Shape& shape = image.shape();
  if (shape.dim(2) == 1) return image.Clone();
  Tensor gray({shape.dim(0), shape.dim(1), 1}, image.type());
  if (image.type() == ElementType::kFloat32) {
    const float* in = image.data();
    for (float& out : gray.span()) {
      out = static_cast<float>(0.299 * in[0] + 0.587 * in[1] + 0.114 * in[2]);
      in += 3;
    }
    return gray;
  }
  const uint8_t* in = image.data<uint8_t>();
  for (uint8_t& out : gray.span<uint8_t>()) {
    out = Brightness(in);
    in += 3;
  }
  return gray;
}

absl::StatusOr<Tensor> ResizeImage(const Tensor& image, int64_t height,
                                   int64_t width) {
  CheckIsImage(image);
  if (height < 1 || width < 1 || height > kMaxImagePixels / width) {
    return absl::InvalidArgumentError(absl::StrCat(
        "image size ", height, " x ", width,
        "; expected a height and a width of at least 1, and at most ",
        kMaxImagePixels, " pixels"));
  }
  const Shape& shape = image.shape();
  const bool is_float = image.type() == ElementType::kFloat32;
  // A filter that reads more pixels for each of its results takes more memory
  // and time than it is worth: 1 GB for an image of 1 x 16,777,216 pixels.
  constexpr int64_t kMostShrink = 1024;
  const int64_t from_height = std::min(shape.dim(0), kMostShrink * height);
  const int64_t from_width = std::min(shape.dim(1), kMostShrink * width);
  // stb_image_resize counts the bytes of the rows that make up one row of the
  // result in 32 bits.
  const int64_t rows = 4 * (from_height / height + 1) + 2;
  const int64_t row_bytes = width * shape.dim(2) * sizeof(float);
  if (rows > kMaxResizeBytes / row_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("an image of ", shape.dim(0), " x ", shape.dim(1),
                     " pixels cannot be resized to ", height, " x ", width,
                     "; expected a smaller width or a larger height"));
  }
  if (from_height < shape.dim(0) || from_width < shape.dim(1)) {
    LENSLET_ASSIGN_OR_RETURN(
        const Tensor small,
        is_float ? AverageDown<float>(image, from_height, from_width)
                 : AverageDown<uint8_t>(image, from_height, from_width));
    return ResizeImage(small, height, width);
  }
  LENSLET_ASSIGN_OR_RETURN(
      Tensor resized,
      Tensor::Create(image.type(), {height, width, shape.dim(2)}));
  const void* const in = is_float
                             ? static_cast<const void*>(image.data())
                             : static_cast<const void*>(image.data<uint8_t>());
  void* const out = is_float ? static_cast<void*>(resized.data())
                             : static_cast<void*>(resized.data<uint8_t>());
  if (!stbir_resize(
          in, static_cast<int>(shape.dim(1)), static_cast<int>(shape.dim(0)),
          /*input_stride=*/0, out, static_cast<int>(width),
          static_cast<int>(height),
          /*output_stride=*/0, is_float ? STBIR_TYPE_FLOAT : STBIR_TYPE_UINT8,
          static_cast<int>(shape.dim(2)), STBIR_ALPHA_CHANNEL_NONE, /*flags=*/0,
          STBIR_EDGE_CLAMP, STBIR_EDGE_CLAMP, FilterFor(shape.dim(1), width),
          FilterFor(shape.dim(0), height), STBIR_COLORSPACE_LINEAR,
          /*alloc_context=*/nullptr)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("not enough memory to resize an image of shape ",
                     shape.ToString(), " to ", resized.shape().ToString()));
  }
  if (is_float) {
    // Filters swing over.
    for (float& x : resized.span()) x = std::clamp(x, 0.0f, 1.0f);
  }
  return resized;
}

namespace {

// Copies `height` x `width` pixels from (row, column) of `from` to (to_row,
// to_column) of `to`.
template <typename T>
void CopyPart(const Tensor& from, int64_t row, int64_t column, int64_t height,
              int64_t width, int64_t to_row, int64_t to_column, Tensor& to) {
  const int64_t channels = from.shape().dim(2);
  for (int64_t i = 0; i < height; ++i) {
    const T* in =
        from.data<T>() + ((row + i) * from.shape().dim(1) + column) * channels;
    std::copy(in, in + width * channels,
              to.data<T>() +
                  ((to_row + i) * to.shape().dim(1) + to_column) * channels);
  }
}

void CopyPart(const Tensor& from, int64_t row, int64_t column, int64_t height,
              int64_t width, int64_t to_row, int64_t to_column, Tensor& to) {
  const auto copy = from.type() == ElementType::kFloat32 ? CopyPart<float>
                                                         : CopyPart<uint8_t>;
  copy(from, row, column, height, width, to_row, to_column, to);
}

// `a` * `b` / `c`, rounded to nearest, in [1, most].
int64_t Scaled(int64_t a, int64_t b, int64_t c, int64_t most) {
  return std::clamp<int64_t>((a * b + c / 2) / c, 1, most);
}

// The part that is fitted.
absl::StatusOr<Tensor> CropCenter(const Tensor& image, int64_t height,
                                  int64_t width) {
  const ImagePart from = FitPlaces(ImageFit::kCenterCrop, image.shape().dim(0),
                                   image.shape().dim(1), height, width)
                             .from;
  LENSLET_ASSIGN_OR_RETURN(
      Tensor part, Tensor::Create(image.type(), {from.height, from.width,
                                                 image.shape().dim(2)}));
  CopyPart(image, from.row, from.column, from.height, from.width, 0, 0, part);
  return part;
}

// The image, as large as fits in, in the middle of the background color.
absl::StatusOr<Tensor> PutInBox(const Tensor& image, int64_t height,
                                int64_t width, const DecodeOptions& options) {
  const int64_t channels = image.shape().dim(2);
  const ImagePart to = FitPlaces(ImageFit::kLetterbox, image.shape().dim(0),
                                 image.shape().dim(1), height, width)
                           .to;
  LENSLET_ASSIGN_OR_RETURN(const Tensor small,
                           ResizeImage(image, to.height, to.width));
  LENSLET_ASSIGN_OR_RETURN(
      Tensor box, Tensor::Create(image.type(), {height, width, channels}));
  for (int64_t i = 0; i < box.shape().elements(); ++i) {
    const uint8_t x = channels == 1 ? Brightness(options.background.data())
                                    : options.background[i % 3];
    if (box.type() == ElementType::kUint8) {
      box.data<uint8_t>()[i] = x;
    } else {
      box.data()[i] = static_cast<float>(x) / 255;
    }
  }
  CopyPart(small, 0, 0, to.height, to.width, to.row, to.column, box);
  return box;
}

// `full` is the shape of the image in its file.
absl::StatusOr<FittedImage> FitImage(Tensor image, const Shape& shape,
                                     const Shape& full,
                                     const DecodeOptions& options) {
  if (shape.rank() != 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model takes ", shape.ToString(), ", which is not an image"));
  }
  FittedImage fitted;
  if (options.margin > 0) {
    DecodeOptions without = options;
    without.margin = 0;
    LENSLET_ASSIGN_OR_RETURN(const Shape wide,
                             WithMargin(shape, options.margin));
    LENSLET_ASSIGN_OR_RETURN(fitted,
                             FitImage(std::move(image), wide, full, without));
    LENSLET_ASSIGN_OR_RETURN(fitted.image,
                             WithoutMargin(fitted.image, options.margin));
    const auto cut = [&](int64_t& first, int64_t& size, int64_t side) {
      const int64_t end = std::min(first + size - options.margin, side);
      first = std::max<int64_t>(first - options.margin, 0);
      size = end - first;
    };
    cut(fitted.covered.row, fitted.covered.height, shape.dim(0));
    cut(fitted.covered.column, fitted.covered.width, shape.dim(1));
    return fitted;
  }
  if (image.shape().dim(2) != 1 && shape.dim(2) == 1) {
    image = ToGray(image);
    absl::StrAppend(&fitted.changes, ", made gray");
  }
  if (image.shape().dim(2) == 1 && shape.dim(2) == 3) {
    image = image.type() == ElementType::kFloat32 ? ToColor<float>(image)
                                                  : ToColor<uint8_t>(image);
    absl::StrAppend(&fitted.changes, ", gray as red, green and blue");
  }
  if (image.shape().dim(2) != shape.dim(2)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the image has ", image.shape().dim(2),
                     image.shape().dim(2) == 1 ? " channel" : " channels",
                     "; expected an image of shape ", shape.ToString()));
  }
  fitted.covered = FitPlaces(options.fit, image.shape().dim(0),
                             image.shape().dim(1), shape.dim(0), shape.dim(1))
                       .to;
  if (image.shape() != shape) {
    absl::StrAppend(&fitted.changes,
                    options.fit == ImageFit::kCenterCrop ? ", cropped" : "",
                    ", resized from ", full.dim(1), " x ", full.dim(0),
                    options.fit == ImageFit::kLetterbox ? " into a box" : "");
    if (options.fit == ImageFit::kLetterbox) {
      LENSLET_ASSIGN_OR_RETURN(
          image, PutInBox(image, shape.dim(0), shape.dim(1), options));
    } else {
      if (options.fit == ImageFit::kCenterCrop) {
        LENSLET_ASSIGN_OR_RETURN(image,
                                 CropCenter(image, shape.dim(0), shape.dim(1)));
      }
      LENSLET_ASSIGN_OR_RETURN(image,
                               ResizeImage(image, shape.dim(0), shape.dim(1)));
    }
  }
  fitted.image = std::move(image);
  return fitted;
}

}  // namespace

FittedPlaces FitPlaces(ImageFit fit, int64_t from_height, int64_t from_width,
                       int64_t height, int64_t width) {
  FittedPlaces places = {.from = {0, 0, from_height, from_width},
                         .to = {0, 0, height, width}};
  const bool is_wide = from_width * height > from_height * width;
  if (fit == ImageFit::kCenterCrop) {
    ImagePart& from = places.from;
    if (is_wide) {
      from.width = Scaled(from_height, width, height, from_width);
    } else {
      from.height = Scaled(from_width, height, width, from_height);
    }
    from.row = (from_height - from.height) / 2;
    from.column = (from_width - from.width) / 2;
  } else if (fit == ImageFit::kLetterbox) {
    ImagePart& to = places.to;
    if (is_wide) {
      to.height = Scaled(from_height, width, from_width, height);
    } else {
      to.width = Scaled(from_width, height, from_height, width);
    }
    to.row = (height - to.height) / 2;
    to.column = (width - to.width) / 2;
  }
  return places;
}

absl::StatusOr<FittedImage> ReadFittedImage(const std::string& path,
                                            const Shape& shape,
                                            const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeFittedImage(path, bytes, shape, options);
}

absl::StatusOr<FittedImage> DecodeFittedImage(const std::string& path,
                                              absl::string_view bytes,
                                              const Shape& shape,
                                              const DecodeOptions& options) {
  DecodeOptions scaled = options;
  if (shape.rank() == 3) {
    scaled.height = shape.dim(0) + 2 * options.margin;
    scaled.width = shape.dim(1) + 2 * options.margin;
  }
  LENSLET_ASSIGN_OR_RETURN(DecodedImage decoded,
                           DecodeUpright(path, bytes, scaled));
  const Shape full = decoded.full_size.has_value()
                         ? UprightShape({decoded.full_size->first,
                                         decoded.full_size->second, 1},
                                        decoded.orientation)
                         : decoded.image.shape();
  absl::StatusOr<FittedImage> fitted =
      FitImage(std::move(decoded.image), shape, full, options);
  if (!fitted.ok()) return AtPlace(fitted.status(), path);
  if (decoded.orientation != 1) {
    fitted->changes = absl::StrCat(", turned upright", fitted->changes);
  }
  if (!decoded.warning.empty()) {
    absl::StrAppend(&fitted->changes, ", damaged: ", decoded.warning);
  }
  fitted->warning = std::move(decoded.warning);
  return fitted;
}

absl::StatusOr<FittedImage> FitImage(Tensor image, const Shape& shape,
                                     const DecodeOptions& options) {
  const Shape full = image.shape();
  return FitImage(std::move(image), shape, full, options);
}

}  // namespace lenslet
