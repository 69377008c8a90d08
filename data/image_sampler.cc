#include "lenslet/data/image_sampler.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/survey_parts.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr size_t kMaxErrors = 5;

SurveyedRange RangeOf(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return {.min = values.front(),
          .median = values[values.size() / 2],
          .max = values.back()};
}

struct SampledFile {
  std::string path;
  size_t class_index;
};

// Files of images that are spread evenly over the classes and over each class.
std::vector<SampledFile> SampleFiles(absl::Span<const ImageClass> classes) {
  const int64_t quota = std::max<int64_t>(
      1, kMaxSurveyedHeaders / static_cast<int64_t>(classes.size()));
  std::vector<SampledFile> files;
  for (size_t c = 0; c < classes.size(); ++c) {
    const std::vector<std::string>& names = classes[c].files;
    const auto count = static_cast<int64_t>(names.size());
    const int64_t taken = std::min(count, quota);
    for (int64_t i = 0; i < taken; ++i) {
      files.push_back(
          {.path = PathIn(classes[c].folder, names[i * count / taken]),
           .class_index = c});
    }
  }
  return files;
}

// Whether in more than one pixel of a thousand, channels differ by more than
// `noise`.
template <typename T>
bool HasColoredPixels(absl::Span<const T> pixels, T noise) {
  int64_t colored = 0;
  for (size_t i = 0; i < pixels.size(); i += 3) {
    const auto [least, most] =
        std::minmax({pixels[i], pixels[i + 1], pixels[i + 2]});
    if (most - least > noise) ++colored;
  }
  return 1000 * 3 * colored > static_cast<int64_t>(pixels.size());
}

// Whether an image has colors, and not only three channels that differ by no
// more than what compression changes.
bool HasColor(const Tensor& image) {
  if (image.shape().dim(2) != 3) return false;
  constexpr uint8_t kMaxNoise = 16;
  if (image.type() == ElementType::kUint8) {
    return HasColoredPixels(image.span<uint8_t>(), kMaxNoise);
  }
  // A camera of 10 bits fills a small part of the range.
  const absl::Span<const float> samples = image.span();
  const float most = *std::max_element(samples.begin(), samples.end());
  return HasColoredPixels(samples, most * kMaxNoise / 255);
}

}  // namespace

std::vector<int64_t> ImageSampler::Sample(absl::Span<const ImageClass> classes,
                                          bool is_train) {
  std::vector<int64_t> counts;
  for (const ImageClass& c : classes) {
    counts.push_back(static_cast<int64_t>(c.files.size()));
    survey_.files += counts.back();
  }
  const std::vector<SampledFile> files = SampleFiles(classes);
  const int64_t count = static_cast<int64_t>(files.size());
  const int64_t images =
      std::min(count, is_train ? kMaxSurveyedImages : kMaxSurveyedImages / 4);
  int64_t next_image = 0;
  for (int64_t i = 0; i < count; ++i) {
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(files[i].path);
    ++survey_.headers;
    const bool decode = i == next_image * count / images;
    next_image += decode ? 1 : 0;
    absl::Status status = header.status();
    if (status.ok()) {
      if (is_train) AddHeader(*header);
      if (decode) status = Decode(files[i].path, header->shape);
    }
    if (!status.ok()) {
      AddError(status);
      --counts[files[i].class_index];
    }
  }
  return counts;
}

absl::Status ImageSampler::Finish(const std::string& path) {
  if (heights_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": none of ", CountOf(survey_.headers, "image", "images"),
        " can be read; the first error is: ", survey_.errors[0]));
  }
  survey_.height = RangeOf(std::move(heights_));
  survey_.width = RangeOf(std::move(widths_));
  survey_.shape = {survey_.height.median, survey_.width.median,
                   has_color_ ? 3 : 1};
  return absl::OkStatus();
}

void ImageSampler::AddError(const absl::Status& status) {
  ++survey_.unreadable;
  if (survey_.errors.size() < kMaxErrors) {
    survey_.errors.emplace_back(status.message());
  }
}

void ImageSampler::AddHeader(const ImageHeader& header) {
  heights_.push_back(header.shape.dim(0));
  widths_.push_back(header.shape.dim(1));
  ++survey_.formats[std::string(Name(header.format))];
  if (header.has_long_samples) {
    ++survey_.long_samples;
    survey_.type = ElementType::kFloat32;
  }
}

absl::Status ImageSampler::Decode(const std::string& file, const Shape& shape) {
  pixels_ += shape.dim(0) * shape.dim(1);
  // The first one is decoded whatever its size.
  if (pixels_ > kMaxSurveyedPixels && survey_.decoded > 0) {
    return absl::OkStatus();
  }
  ++survey_.decoded;
  LENSLET_ASSIGN_OR_RETURN(const Tensor image,
                           ReadImageFile(file, {.keep_long_samples = true}));
  has_color_ |= HasColor(image);
  return absl::OkStatus();
}

}  // namespace lenslet
