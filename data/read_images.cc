#include "lenslet/data/read_images.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/data/image_cache.h"
#include "lenslet/data/image_file.h"

namespace lenslet {
namespace {

absl::StatusOr<std::unique_ptr<ThreadPool>> MakePool(int threads,
                                                     int64_t files) {
  const int64_t most = threads > 0 ? threads : CpuThreads();
  return ThreadPool::Create(
      static_cast<int>(std::clamp<int64_t>(files, 1, most)));
}

// By the header, or the start of it.
bool HasLongSamples(const std::string& path) {
  constexpr int64_t kStartBytes = 64;
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return false;
  char start[kStartBytes];
  const absl::StatusOr<int64_t> size = file->Read(absl::MakeSpan(start));
  if (!size.ok()) return false;
  const auto format = ImageFormatOf(absl::string_view(start, *size));
  if (!format.has_value() || !MayHaveLongSamples(*format)) return false;
  const absl::StatusOr<ImageHeader> header = ReadImageHeader(path);
  return header.ok() && header->has_long_samples;
}

// What becomes of one file.
struct Outcome {
  absl::Status status = {};
  std::string warning = {};
  bool has_long_samples = false;
  float least = 1;
  float most = 0;
};

// For floats, their range.
void Look(const Tensor& image, Outcome& outcome) {
  if (image.type() == ElementType::kUint8) return;
  const absl::Span<const float> samples = image.span();
  const auto [least, most] =
      std::minmax_element(samples.begin(), samples.end());
  outcome.has_long_samples = true;
  outcome.least = *least;
  outcome.most = *most;
}

std::string FilesText(int64_t count, absl::string_view one,
                      absl::string_view many) {
  return absl::StrCat(WithCommas(count), " ", count == 1 ? one : many);
}

// Calls keep(i, image) for each file, on many threads.
template <typename Keep>
absl::StatusOr<ReadImagesResult> ReadEach(absl::Span<const std::string> paths,
                                          const Shape& shape, bool is_float,
                                          const ReadImagesOptions& options,
                                          Keep keep) {
  const auto count = static_cast<int64_t>(paths.size());
  DecodeOptions decode = options.decode;
  decode.keep_long_samples = is_float;
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<ThreadPool> pool,
                           MakePool(options.threads, count));
  std::vector<Outcome> outcomes(count);
  std::atomic<int64_t> done{0};
  pool->ParallelFor(count, [&](int thread, int64_t i) {
    Outcome& outcome = outcomes[i];
    const absl::StatusOr<FittedImage> fitted =
        ReadCachedImage(options.cache_folder, paths[i], shape, decode);
    outcome.status = fitted.status();
    if (fitted.ok()) {
      outcome.warning = fitted->warning;
      Look(fitted->image, outcome);
      keep(i, fitted->image);
    }
    const int64_t so_far = done.fetch_add(1) + 1;
    if (options.progress && thread == pool->threads() - 1) {
      options.progress(so_far, count);
    }
  });
  if (options.progress) options.progress(count, count);
  ReadImagesResult result;
  ImagesSeen& seen = result.seen;
  seen.files = count;
  for (int64_t i = 0; i < count; ++i) {
    const Outcome& outcome = outcomes[i];
    if (outcome.status.ok()) {
      result.read.push_back(i);
    } else {
      seen.unreadable.push_back({.path = paths[i],
                                 .error = outcome.status,
                                 .has_remedy = absl::StrContains(
                                     outcome.status.message(), kConvertHeic)});
    }
    if (!outcome.warning.empty() && seen.with_warnings++ == 0) {
      seen.first_warning = absl::StrCat(paths[i], ": ", outcome.warning);
    }
    if (outcome.has_long_samples) {
      ++seen.with_long_samples;
      seen.least = std::min(seen.least, outcome.least);
      seen.most = std::max(seen.most, outcome.most);
    }
  }
  seen.left_out = static_cast<int64_t>(seen.unreadable.size());
  if (seen.left_out > 0 && (!options.skip_unreadable || result.read.empty())) {
    return seen.Error();
  }
  return result;
}

}  // namespace

std::vector<std::string> ImagesSeen::Notes() const {
  std::vector<std::string> notes;
  if (!unreadable.empty()) {
    notes.push_back(absl::StrCat(
        FilesText(left_out, "image", "images"), " of ", WithCommas(files),
        have_masks ? " or their masks cannot be read and "
                   : " cannot be read and ",
        left_out == 1 ? "is" : "are",
        " left out: ", UnreadableText(unreadable)));
  }
  if (with_warnings > 0) {
    notes.push_back(
        absl::StrCat(FilesText(with_warnings, "image has", "images have"),
                     " minor damage, of which a decoder warns; ",
                     with_warnings == 1 ? "it is" : "they are",
                     " used. The first: ", first_warning));
  }
  if (with_long_samples > 0) {
    notes.push_back(absl::StrFormat(
        "%s%s 16 bits per sample, so images are floats from 0 to 1, and take 4 "
        "times the memory. Their samples reach from %.4g to %.4g (%.0f to %.0f "
        "of 65535)%s",
        has_more_long_samples ? "At least " : "",
        FilesText(with_long_samples, "image has", "images have"), least, most,
        std::round(least * 65535), std::round(most * 65535),
        most < 0.25f ? ", a small part, which data.normalization scales" : ""));
  }
  return notes;
}

absl::Status ImagesSeen::Error() const {
  return UnreadableError(unreadable, left_out, files,
                         have_masks ? "images or their masks" : "images");
}

void ImagesSeen::Add(const ImagesSeen& other) {
  files += other.files;
  have_masks |= other.have_masks;
  left_out += other.left_out;
  unreadable.insert(unreadable.end(), other.unreadable.begin(),
                    other.unreadable.end());
  if (with_warnings == 0) first_warning = other.first_warning;
  with_warnings += other.with_warnings;
  with_long_samples += other.with_long_samples;
  least = std::min(least, other.least);
  most = std::max(most, other.most);
  has_more_long_samples |= other.has_more_long_samples;
}

bool AreFloats(absl::Span<const std::string> paths,
               const ReadImagesOptions& options) {
  if (options.as_floats.has_value()) return *options.as_floats;
  const auto pool =
      MakePool(options.threads, static_cast<int64_t>(paths.size()));
  std::atomic<bool> found{false};
  const auto look = [&](int /*thread*/, int64_t i) {
    if (!found.load(std::memory_order_relaxed) && HasLongSamples(paths[i])) {
      found = true;
    }
  };
  if (pool.ok()) {
    (*pool)->ParallelFor(static_cast<int64_t>(paths.size()), look);
  }
  return found;
}

ImagesSeen LookAtLongSamples(absl::Span<const std::string> paths,
                             const Shape& shape,
                             const ReadImagesOptions& options) {
  constexpr size_t kMost = 64;
  std::vector<std::string> files;
  ImagesSeen seen;
  for (const std::string& path : paths) {
    if (!HasLongSamples(path)) continue;
    seen.has_more_long_samples = files.size() == kMost;
    if (seen.has_more_long_samples) break;
    files.push_back(path);
  }
  ReadImagesOptions read = options;
  read.as_floats = true;
  read.skip_unreadable = true;
  read.progress = nullptr;
  const absl::StatusOr<ReadImagesResult> result =
      CheckImages(files, shape, read);
  if (!result.ok()) return {};
  seen.with_long_samples = result->seen.with_long_samples;
  seen.least = result->seen.least;
  seen.most = result->seen.most;
  return seen;
}

void WriteFloatImage(const Tensor& image, float* out) {
  if (image.type() == ElementType::kFloat32) {
    const absl::Span<const float> samples = image.span();
    std::copy(samples.begin(), samples.end(), out);
    return;
  }
  for (const uint8_t x : image.span<uint8_t>()) {
    *out++ = static_cast<float>(x) / 255;
  }
}

absl::StatusOr<ReadImagesResult> ReadImages(absl::Span<const std::string> paths,
                                            const Shape& shape,
                                            const ReadImagesOptions& options) {
  const bool is_float = AreFloats(paths, options);
  LENSLET_ASSIGN_OR_RETURN(const Shape all,
                           shape.WithOuter(static_cast<int64_t>(paths.size())));
  LENSLET_ASSIGN_OR_RETURN(
      Tensor images,
      Tensor::Create(is_float ? ElementType::kFloat32 : ElementType::kUint8,
                     all));
  const int64_t elements = shape.elements();
  uint8_t* const bytes = is_float ? nullptr : images.data<uint8_t>();
  float* const floats = is_float ? images.data() : nullptr;
  LENSLET_ASSIGN_OR_RETURN(
      ReadImagesResult result,
      ReadEach(
          paths, shape, is_float, options, [&](int64_t i, const Tensor& image) {
            if (is_float) {
              WriteFloatImage(image, floats + i * elements);
            } else {
              const absl::Span<const uint8_t> pixels = image.span<uint8_t>();
              std::copy(pixels.begin(), pixels.end(), bytes + i * elements);
            }
          }));
  result.images = std::move(images);
  return result;
}

absl::StatusOr<ReadImagesResult> CheckImages(
    absl::Span<const std::string> paths, const Shape& shape,
    const ReadImagesOptions& options) {
  return ReadEach(paths, shape, AreFloats(paths, options), options,
                  [](int64_t, const Tensor&) {});
}

}  // namespace lenslet
