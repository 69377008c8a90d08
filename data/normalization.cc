#include "lenslet/data/normalization.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"

namespace lenslet {
namespace {

constexpr std::array<float, 256> kByteOver255 = [] {
  std::array<float, 256> table = {};
  for (int i = 0; i < 256; ++i) table[i] = static_cast<float>(i) / 255.0f;
  return table;
}();

absl::Status CheckCount(absl::string_view name, size_t count,
                        const Shape& image_shape) {
  const int64_t channels = ChannelsOf(image_shape);
  if (count == 1 || static_cast<int64_t>(count) == channels) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "normalization.", name, " has ", CountText(count, "number"),
      "; expected 1 or ", channels, ", the channels of images of shape ",
      image_shape.ToString()));
}

template <typename T, typename Value>
void Normalize(absl::Span<const T> numbers, int64_t channels,
               const Normalization& normalization, float* out, Value value) {
  const int64_t size = static_cast<int64_t>(numbers.size());
  for (int64_t channel = 0; channel < channels; ++channel) {
    const float mean = normalization.MeanOf(channel);
    const float deviation = normalization.DeviationOf(channel);
    for (int64_t i = channel; i < size; i += channels) {
      out[i] = (value(numbers[i]) - mean) / deviation;
    }
  }
}

}  // namespace

absl::Status CheckNormalization(const Normalization& normalization,
                                const Shape& image_shape) {
  if (normalization.mean.empty() && normalization.deviation.empty()) {
    return absl::OkStatus();
  }
  LENSLET_RETURN_IF_ERROR(
      CheckCount("mean", normalization.mean.size(), image_shape));
  LENSLET_RETURN_IF_ERROR(
      CheckCount("deviation", normalization.deviation.size(), image_shape));
  for (const float mean : normalization.mean) {
    if (!std::isfinite(mean)) {
      return BadValue("normalization.mean", mean, "a finite number");
    }
  }
  for (const float deviation : normalization.deviation) {
    if (!std::isfinite(deviation) || deviation <= 0) {
      return BadValue("normalization.deviation", deviation,
                      "a positive number");
    }
  }
  return absl::OkStatus();
}

void NormalizePixels(absl::Span<const uint8_t> bytes, int64_t channels,
                     const Normalization& normalization, float* out) {
  if (normalization.empty()) {
    ScalePixels(bytes, out);
    return;
  }
  Normalize(bytes, channels, normalization, out,
            [](uint8_t byte) { return kByteOver255[byte]; });
}

void NormalizeNumbers(absl::Span<const float> numbers, int64_t channels,
                      const Normalization& normalization, float* out) {
  if (normalization.empty()) {
    std::copy(numbers.begin(), numbers.end(), out);
    return;
  }
  Normalize(numbers, channels, normalization, out, [](float x) { return x; });
}

void NormalizeImage(const Tensor& image, int64_t channels,
                    const Normalization& normalization, float* out) {
  if (image.type() == ElementType::kUint8) {
    NormalizePixels(image.span<uint8_t>(), channels, normalization, out);
  } else {
    NormalizeNumbers(image.span(), channels, normalization, out);
  }
}

}  // namespace lenslet
