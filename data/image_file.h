// Reads single images from files, fits them to the shape that a model expects,
// and writes them to files.

#ifndef LENSLET_DATA_IMAGE_FILE_H_
#define LENSLET_DATA_IMAGE_FILE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The maximum number of pixels of an image that is created, as of the shape
// that images are fitted to.
constexpr int64_t kMaxImagePixels = int64_t{1} << 24;

// Reads a PNG, JPEG, BMP, GIF (the first frame), TIFF (the first image), WebP,
// binary PGM or binary PPM file. Detects the format from the contents, not the
// name. Returns uint8 of shape [height, width, 1] if the file is gray,
// otherwise [height, width, 3] (red, green, blue); of files with more than 8
// bits per sample, floats in [0, 1] if options.keep_long_samples. The image is
// upright, whatever orientation it is stored with (data/exif.h). Transparent
// pixels are composited over options.background. Errors: ReadFile()'s;
// InvalidArgument for another format or an image of more than
// options.max_bytes; DataLoss for a truncated or corrupt file.
absl::StatusOr<Tensor> ReadImageFile(const std::string& path,
                                     const DecodeOptions& options = {});

// As ReadImageFile(), but decodes the bytes of a file. `name` is used only in
// errors.
absl::StatusOr<Tensor> DecodeImage(const std::string& name,
                                   absl::string_view bytes,
                                   const DecodeOptions& options = {});

// As DecodeImage(), with what else is known of the image, which is upright.
absl::StatusOr<DecodedImage> DecodeUpright(const std::string& name,
                                           absl::string_view bytes,
                                           const DecodeOptions& options = {});

// The formats that ReadImageFile() reads.
enum class ImageFileFormat {
  kPng,
  kJpeg,
  kPgm,
  kPpm,
  kBmp,
  kGif,
  kTiff,
  kWebp
};

// "PNG", "JPEG", "PGM", "PPM", "BMP", "GIF", "TIFF" or "WebP".
absl::string_view Name(ImageFileFormat format);

// Whether files of the format may have samples of more than 8 bits.
bool MayHaveLongSamples(ImageFileFormat format);

// All formats, for texts: "PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or PPM".
inline constexpr char kImageFormats[] =
    "PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or PPM";

// What is to be done about images of telephones that are not read.
inline constexpr char kConvertHeic[] =
    "convert to JPEG, for example with heif-convert";

// Whether a file that starts with these bytes is such an image: HEIC, HEIF or
// AVIF.
bool IsHeicOrAvif(absl::string_view bytes);

// The bytes of a file's start that tell its format.
inline constexpr int64_t kImageSignatureBytes = 18;

// Returns the format of a file that starts with these bytes, at least
// kImageSignatureBytes if it has them.
std::optional<ImageFileFormat> ImageFormatOf(absl::string_view bytes);

struct ImageHeader {
  ImageFileFormat format;
  // Of the image that ReadImageFile() returns.
  Shape shape;
  int orientation = 1;    // How it is stored (data/exif.h).
  bool has_long_samples;  // Of more than 8 bits.
};

// Reads the start of a file: 64 KiB, or 2 MiB if its header is longer; of TIFF
// and WebP files, all. Finds
// what is wrong with the header, but not with the pixels. Errors: as
// ReadImageFile().
absl::StatusOr<ImageHeader> ReadImageHeader(const std::string& path,
                                            const DecodeOptions& options = {});

// Writes `image`, in the form that ReadImageFile() returns, to a PNG file with
// WriteFileAtomically(): replaces the file completely or not at all. Errors,
// "PATH: reason": EncodePng()'s (data/png.h), WriteFileAtomically()'s.
absl::Status WritePngFile(const std::string& path, const Tensor& image);

// Returns the brightness (data/decoded_image.h), of the same type and of shape
// [height, width, 1]. Aborts unless `image` has the form that ReadImageFile()
// returns.
Tensor ToGray(const Tensor& image);

// Returns `image`, in the form that ReadImageFile() returns, resized to
// `height` x `width`. Uses the Mitchell-Netravali filter along a side that
// shrinks, otherwise the Catmull-Rom filter, on the pixel values without gamma
// correction. Floats stay in [0, 1]. A side that shrinks by more than a factor
// of 1024 is first reduced to 1024 times its new size, by averaging neighboring
// pixels. An unchanged size returns the same image. Errors: InvalidArgument for
// a side of less than 1, more than kMaxImagePixels, or a tall image resized so
// flat and wide that it takes more than 1 GiB; ResourceExhausted.
absl::StatusOr<Tensor> ResizeImage(const Tensor& image, int64_t height,
                                   int64_t width);

// A part of an image, in pixels.
struct ImagePart {
  int64_t row = 0;
  int64_t column = 0;
  int64_t height = 0;
  int64_t width = 0;
};

struct FittedImage {
  Tensor image;
  // A summary of the changes, for people: ", made gray, resized from 60 x 40"
  // (width x height); and of the warning. Empty if there is nothing to say.
  std::string changes;
  // The part that the file's pixels cover: all but the bars of kLetterbox.
  ImagePart covered = {};
  // DecodedImage::warning.
  std::string warning;
};

// Which part of an image is resized to which part of a fitted one. kStretch:
// the whole to the whole. kCenterCrop: the largest part in the middle with the
// proportions of the whole. kLetterbox: the whole to the largest part in the
// middle with its proportions.
struct FittedPlaces {
  ImagePart from;
  ImagePart to;
};
FittedPlaces FitPlaces(ImageFit fit, int64_t from_height, int64_t from_width,
                       int64_t height, int64_t width);

// Reads an image and fits it to `shape`, the input shape of a model, whatever
// size `options` have: large JPEG files are decoded smaller. The image
// keeps its type. Uses
// ToGray() if `shape` has one channel, repeats a gray image three times if
// `shape` has three channels, and resizes with ResizeImage(), as options.fit
// says. Errors, all
// naming the path: those of ReadImageFile() and ResizeImage(); InvalidArgument
// if `shape` is not [height, width, 1 or 3].
absl::StatusOr<FittedImage> ReadFittedImage(const std::string& path,
                                            const Shape& shape,
                                            const DecodeOptions& options = {});

// As ReadFittedImage(), for the bytes of a file. `name` is used only in errors.
absl::StatusOr<FittedImage> DecodeFittedImage(
    const std::string& name, absl::string_view bytes, const Shape& shape,
    const DecodeOptions& options = {});

// As ReadFittedImage(), for an image already in memory. Errors do not name a
// path.
absl::StatusOr<FittedImage> FitImage(Tensor image, const Shape& shape,
                                     const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_FILE_H_
