// Single images: read from a file, made to fit what a model expects, and
// written to a file.

#ifndef LENSLET_DATA_IMAGE_FILE_H_
#define LENSLET_DATA_IMAGE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The largest image that is read or made, in pixels.
constexpr int64_t kMaxImagePixels = int64_t{1} << 24;

// Reads a PNG, a JPEG or a binary PGM or PPM file, whatever it is called.
// Returns uint8 of shape [height, width, 1] if the file is gray, [height,
// width, 3] (red, green, blue) otherwise. Transparent pixels are laid over
// black. Errors: ReadFile()'s; InvalidArgument for a file of another kind or an
// image of more than kMaxImagePixels; DataLoss for a truncated or corrupt file.
absl::StatusOr<Tensor> ReadImageFile(const std::string& path);

// The same of a file's bytes; `name` is for errors.
absl::StatusOr<Tensor> DecodeImage(const std::string& name,
                                   absl::string_view bytes);

// Writes `image`, as ReadImageFile() returns it, to a PNG file: all of it or
// nothing, in place of what was there (WriteFileAtomically()). Errors, "PATH:
// reason": EncodePng()'s (data/png.h), WriteFileAtomically()'s.
absl::Status WritePngFile(const std::string& path, const Tensor& image);

// Returns the brightness, uint8 of shape [height, width, 1]: 0.299 red + 0.587
// green + 0.114 blue (ITU-R BT.601), rounded to the nearest. `image` is as
// ReadImageFile() returns it; aborts if it is not.
Tensor ToGray(const Tensor& image);

// Returns `image`, as ReadImageFile() returns it, with another height and
// width: cubic filters (Mitchell and Netravali's along a side that gets
// smaller, Catmull and Rom's otherwise) on the values as they are. A side that
// shrinks to less than a 1024th is first brought there by means of neighbouring
// pixels. The same size gives the same image. Errors: InvalidArgument for a
// side of less than 1, more than kMaxImagePixels, or a tall image that becomes
// so flat and wide that it takes more than 1 GiB; ResourceExhausted.
absl::StatusOr<Tensor> ResizeImage(const Tensor& image, int64_t height,
                                   int64_t width);

struct FittedImage {
  Tensor image;
  // What had to be changed, for people: ", made gray, resized from 60 x 40"
  // (width x height). Empty if nothing.
  std::string changes;
};

// Reads an image and makes it one of `shape`, which a model takes: by ToGray()
// if that has one channel, by three equal channels if it has three and the
// image is gray, and by ResizeImage(). Errors, all naming the path: as these
// three; InvalidArgument for a shape that is no [height, width, 1 or 3].
absl::StatusOr<FittedImage> ReadFittedImage(const std::string& path,
                                            const Shape& shape);

// The same for an image that is read already; errors do not name a path.
absl::StatusOr<FittedImage> FitImage(Tensor image, const Shape& shape);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_FILE_H_
