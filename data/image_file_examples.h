// Examples whose inputs are images that stay in their files.

#ifndef LENSLET_DATA_IMAGE_FILE_EXAMPLES_H_
#define LENSLET_DATA_IMAGE_FILE_EXAMPLES_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/data/digest.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/read_images.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Decodes an image each time that it is read, or takes it from the cache
// (data/image_cache.h). A subclass has the targets.
class ImageFileExamples : public Examples {
 public:
  // Images are fitted to `shape`, [height, width, 1 or 3]. They are floats if
  // AreFloats(paths, options).
  ImageFileExamples(std::vector<std::string> paths, const Shape& shape,
                    const ReadImagesOptions& options);

  int64_t size() const override { return paths_.size(); }
  Shape shape() const override { return shape_; }
  ElementType type() const override { return type_; }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override;

  // Of the files' bytes, each with its target.
  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override;

 protected:
  virtual absl::Status AddTargetToDigest(int64_t index,
                                         Digest& digest) const = 0;
  // Reads all files, and returns the error of those that cannot be read.
  virtual absl::Status CheckAll() const;
  // The error for a file that cannot be read: that of CheckAll(), unless
  // options.single_errors.
  absl::Status ErrorOf(const absl::Status& of_file) const;
  // Those of the images, for CheckAll().
  ReadImagesOptions CheckOptions() const;

 private:
  std::string KeyOf(int64_t index) const;
  void SetKey(int64_t index, const std::string& key) const;

  const std::vector<std::string> paths_;
  const Shape shape_;
  const ElementType type_;
  ReadImagesOptions options_;
  mutable std::once_flag all_read_;
  mutable absl::Status of_all_;  // Once they have been read.
  mutable std::mutex mutex_;
  // Of the images in the cache, once they have been read.
  mutable std::vector<std::string> keys_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_FILE_EXAMPLES_H_
