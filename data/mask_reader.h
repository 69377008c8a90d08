// Reads a mask: a PNG file with a number for each pixel, which stands for a
// class.

#ifndef LENSLET_DATA_MASK_READER_H_
#define LENSLET_DATA_MASK_READER_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct MaskOptions {
  // 1 to 256, or to 255 if a number is ignored. No two are the same.
  std::vector<std::string> class_names = {};
  // The number of each class in the masks. If empty, 0, 1, and so on.
  std::vector<uint8_t> class_numbers = {};
  // The number of pixels that are ignored (kIgnoredClass).
  std::optional<uint8_t> ignored = {};
};

// Errors: InvalidArgument, naming the field, unless the classes are as
// MaskOptions says, and each number stands for one thing.
absl::Status CheckMaskOptions(const MaskOptions& options);

// Numbers that masks have.
using MaskNumbers = std::bitset<256>;

class MaskReader {
 public:
  // For masks fitted to `shape`, [height, width, channels]. `options` must pass
  // CheckMaskOptions().
  MaskReader(const Shape& shape, ImageFit fit, const MaskOptions& options);

  // Returns the numbers in a file, uint8 of shape [height, width, 1]. Errors:
  // ReadFile()'s and DecodePngIndices()'s (data/png_indices.h).
  static absl::StatusOr<Tensor> ReadNumbers(const std::string& path);

  // Errors: InvalidArgument, naming the path, the pixel and what is expected,
  // if a number stands for nothing.
  absl::Status Check(const std::string& path, const Tensor& numbers) const;

  // Writes the map of classes, [height, width], of numbers that pass Check().
  // Each pixel is the one of the mask, placed as FitPlaces()
  // (data/image_file.h) has it, that is nearest to its center; beside the mask,
  // `ignored`, which replaces kIgnoredClass. T is int32_t or uint8_t.
  template <typename T>
  void Write(const Tensor& numbers, T ignored, T* out) const;

  // What the numbers of masks are, for an error about some that stand for
  // nothing: "whose numbers are 0 and 255; class_numbers: [0, 255] gives ...".
  std::string Describe(const MaskNumbers& numbers) const;

 private:
  const int64_t height_;
  const int64_t width_;
  const ImageFit fit_;
  const MaskOptions options_;
  // For each number, a class, kIgnoredClass or -2 for nothing.
  std::array<int32_t, 256> classes_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_MASK_READER_H_
