// Reads many image files, on many threads, into one array.

#ifndef LENSLET_DATA_READ_IMAGES_H_
#define LENSLET_DATA_READ_IMAGES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/data/unreadable_files.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct ReadImagesOptions {
  DecodeOptions decode = {};
  // Whether images become floats. Default: if a file has samples of more than 8
  // bits. Otherwise these become bytes.
  std::optional<bool> as_floats = {};
  // Whether files that cannot be read are left out.
  bool skip_unreadable = false;
  int threads = 0;  // 0: as many as the CPU runs at once.
  // Called now and then, by the thread that calls ReadImages(), and at the end.
  std::function<void(int64_t done, int64_t total)> progress = {};
  // A folder for fitted images (data/image_cache.h); "": none.
  std::string cache_folder = {};
  // Of images that stay in their files: whether the error of one that cannot be
  // read is of it alone. Otherwise all files are read, and it is of all that
  // cannot be, as ReadImages() has it.
  bool single_errors = false;
};

// What was found out about images while they were read.
struct ImagesSeen {
  int64_t files = 0;
  // Whether each has a mask, which is left out with it.
  bool have_masks = false;
  // The files that could not be read, and how many images they leave out: fewer
  // if a mask and its image are among them.
  std::vector<UnreadableFile> unreadable = {};
  int64_t left_out = 0;
  // How many files a decoder warned of, and the first warning, "PATH: text".
  int64_t with_warnings = 0;
  std::string first_warning = {};
  // How many images have samples of more than 8 bits, and their range.
  int64_t with_long_samples = 0;
  float least = 1;
  float most = 0;
  // Whether there are more of these, which were not decoded.
  bool has_more_long_samples = false;

  // Sentences for people about all of these, "" for none.
  std::vector<std::string> Notes() const;
  // UnreadableError(); at least one must be unreadable.
  absl::Status Error() const;
  // The same of several calls.
  void Add(const ImagesSeen& other);
};

struct ReadImagesResult {
  // [files, height, width, channels]: float32 from 0 to 1 if AreFloats(),
  // otherwise uint8. Zeros where a file could not be read.
  Tensor images;
  // The indices of the files that were read.
  std::vector<int64_t> read;
  ImagesSeen seen;
};

// Reads the files and fits them to `shape` with DecodeFittedImage()
// (data/image_file.h). The result does not depend on the threads or the cache.
// Errors: UnreadableError() (data/unreadable_files.h), unless
// options.skip_unreadable or if no file can be read; ResourceExhausted.
absl::StatusOr<ReadImagesResult> ReadImages(absl::Span<const std::string> paths,
                                            const Shape& shape,
                                            const ReadImagesOptions& options);

// Decodes the files and keeps no images: `images` is empty. Errors: as
// ReadImages().
absl::StatusOr<ReadImagesResult> CheckImages(
    absl::Span<const std::string> paths, const Shape& shape,
    const ReadImagesOptions& options);

// Writes an image's samples to `out`: floats as they are, bytes divided by 255.
void WriteFloatImage(const Tensor& image, float* out);

// Whether images of the files become floats, by `options` and the files'
// headers.
bool AreFloats(absl::Span<const std::string> paths,
               const ReadImagesOptions& options);

// What is known of files that stay where they are, are floats by AreFloats(),
// and have not been decoded: decodes the first 64 with samples of more than 8
// bits. Says nothing of unreadable ones.
ImagesSeen LookAtLongSamples(absl::Span<const std::string> paths,
                             const Shape& shape,
                             const ReadImagesOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_READ_IMAGES_H_
