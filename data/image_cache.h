// A folder of fitted images, so that a run's next session, or a sweep's next
// run, need not decode large files again.
//
// Each image is a file whose name is a digest of the image file's bytes, of how
// it was decoded and fitted, and of the decoder's version. A changed file has
// another digest, so the folder holds nothing wrong, and may be deleted at any
// time. Files have a checksum: what was cut off is read anew.

#ifndef LENSLET_DATA_IMAGE_CACHE_H_
#define LENSLET_DATA_IMAGE_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/data/image_file.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Smaller files decode about as fast as the cache reads.
inline constexpr int64_t kMinCachedFileBytes = int64_t{64} << 10;

// The name of the image that a file with these bytes becomes.
std::string ImageCacheKey(absl::string_view bytes, const Shape& shape,
                          const DecodeOptions& options);

// Returns the image, without its `changes`, or nullopt if it is not there.
std::optional<FittedImage> FindCachedImage(const std::string& folder,
                                           const std::string& key,
                                           const Shape& shape);

// Keeps the image. Does nothing if the folder cannot be written. Any number of
// threads and processes may call both functions.
void KeepCachedImage(const std::string& folder, const std::string& key,
                     const FittedImage& image);

// ReadFittedImage(), by way of the folder, if `folder` is not empty. `key`, if
// not null, holds the file's key after the first call, and is empty before:
// then the next call does not read the file. The image has no `changes`.
absl::StatusOr<FittedImage> ReadCachedImage(const std::string& folder,
                                            const std::string& path,
                                            const Shape& shape,
                                            const DecodeOptions& options,
                                            std::string* key = nullptr);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_CACHE_H_
