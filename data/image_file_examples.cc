#include "lenslet/data/image_file_examples.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/image_cache.h"
#include "lenslet/data/image_file.h"

namespace lenslet {

ImageFileExamples::ImageFileExamples(std::vector<std::string> paths,
                                     const Shape& shape,
                                     const ReadImagesOptions& options)
    : paths_(std::move(paths)),
      shape_(shape),
      type_(AreFloats(paths_, options) ? ElementType::kFloat32
                                       : ElementType::kUint8),
      options_(options),
      keys_(paths_.size()) {
  options_.decode.keep_long_samples = type_ == ElementType::kFloat32;
}

absl::Status ImageFileExamples::ReadInputs(absl::Span<const int64_t> indices,
                                           ExampleBatch& batch) const {
  for (size_t i = 0; i < indices.size(); ++i) {
    const int64_t index = indices[i];
    std::string key = KeyOf(index);
    const absl::StatusOr<FittedImage> fitted = ReadCachedImage(
        options_.cache_folder, paths_.at(index), shape_, options_.decode, &key);
    if (!fitted.ok()) return ErrorOf(fitted.status());
    SetKey(index, key);
    if (type_ == ElementType::kUint8) {
      const absl::Span<const uint8_t> pixels = fitted->image.span<uint8_t>();
      std::copy(pixels.begin(), pixels.end(), batch.Input<uint8_t>(i));
    } else {
      WriteFloatImage(fitted->image, batch.Input<float>(i));
    }
  }
  return absl::OkStatus();
}

absl::Status ImageFileExamples::AddToDigest(absl::Span<const int64_t> indices,
                                            Digest& digest) const {
  digest.AddWord("files");
  digest.AddWord(shape_.ToString());
  for (const int64_t index : indices) {
    const absl::StatusOr<std::string> bytes = ReadFile(paths_.at(index));
    if (!bytes.ok()) return ErrorOf(bytes.status());
    digest.AddWord(*bytes);
    LENSLET_RETURN_IF_ERROR(AddTargetToDigest(index, digest));
  }
  return absl::OkStatus();
}

absl::Status ImageFileExamples::ErrorOf(const absl::Status& of_file) const {
  if (options_.single_errors || absl::IsResourceExhausted(of_file)) {
    return of_file;
  }
  std::call_once(all_read_, [&] { of_all_ = CheckAll(); });
  // A file may be whole again.
  return of_all_.ok() ? of_file : of_all_;
}

absl::Status ImageFileExamples::CheckAll() const {
  return CheckImages(paths_, shape_, CheckOptions()).status();
}

ReadImagesOptions ImageFileExamples::CheckOptions() const {
  ReadImagesOptions read = options_;
  read.as_floats = type_ == ElementType::kFloat32;
  read.skip_unreadable = false;
  read.progress = nullptr;
  return read;
}

std::string ImageFileExamples::KeyOf(int64_t index) const {
  const std::lock_guard lock(mutex_);
  return keys_.at(index);
}

void ImageFileExamples::SetKey(int64_t index, const std::string& key) const {
  const std::lock_guard lock(mutex_);
  keys_[index] = key;
}

}  // namespace lenslet
