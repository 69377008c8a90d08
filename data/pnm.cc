#include "lenslet/data/pnm.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kLargestSample = 65535;

// Whitespace, and comments from '#' to the end of their line.
void SkipSpace(absl::string_view& rest) {
  while (!rest.empty()) {
    if (rest[0] == '#') {
      while (!rest.empty() && rest[0] != '\n' && rest[0] != '\r') {
        rest.remove_prefix(1);
      }
    } else if (absl::ascii_isspace(rest[0])) {
      rest.remove_prefix(1);
    } else {
      return;
    }
  }
}

// Takes a number in [1, max] from the start of `rest`.
absl::StatusOr<int64_t> TakeNumber(const std::string& path,
                                   absl::string_view name, int64_t max,
                                   absl::string_view& rest) {
  SkipSpace(rest);
  if (rest.empty()) {
    return absl::DataLossError(
        absl::StrCat(path, ": ends within the header, before its ", name));
  }
  int64_t value = 0;
  bool digits = false;
  while (!rest.empty() && absl::ascii_isdigit(rest[0]) && value <= max) {
    value = value * 10 + (rest[0] - '0');
    digits = true;
    rest.remove_prefix(1);
  }
  if (!digits) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": bad header: its ", name, " is \"",
                     absl::CHexEscape(rest.substr(0, 8)),
                     "\"; expected a number in [1, ", max, "]"));
  }
  if (value < 1 || value > max) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": bad header: its ", name, " is ",
                     value > max ? "too large" : "0",
                     "; expected a number in [1, ", max, "]"));
  }
  return value;
}

struct PnmHeader {
  Shape shape;
  int64_t largest_sample;
  absl::string_view samples;
};

absl::StatusOr<PnmHeader> ReadPnmHeader(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  const int64_t channels = bytes[1] == '6' ? 3 : 1;
  absl::string_view rest = bytes.substr(2);
  LENSLET_ASSIGN_OR_RETURN(const int64_t width,
                           TakeNumber(path, "width", options.max_bytes, rest));
  LENSLET_ASSIGN_OR_RETURN(const int64_t height,
                           TakeNumber(path, "height", options.max_bytes, rest));
  LENSLET_ASSIGN_OR_RETURN(
      const int64_t largest,
      TakeNumber(path, "largest value", kLargestSample, rest));
  LENSLET_RETURN_IF_ERROR(CheckDecodedSize(
      path, width, height, channels * (largest > 255 ? 2 : 1), options));
  // One whitespace, no more: the next byte may be a sample that looks like it.
  if (rest.empty()) {
    return absl::DataLossError(
        absl::StrCat(path, ": ends within the header, before its pixels"));
  }
  if (!absl::ascii_isspace(rest[0])) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": bad header: \"", absl::CHexEscape(rest.substr(0, 1)),
        "\" follows its largest value; expected whitespace"));
  }
  rest.remove_prefix(1);
  return PnmHeader{.shape = {height, width, channels},
                   .largest_sample = largest,
                   .samples = rest};
}

}  // namespace

absl::StatusOr<ImageInfo> PnmInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const PnmHeader header,
                           ReadPnmHeader(path, bytes, options));
  return ImageInfo{.shape = header.shape,
                   .has_long_samples = header.largest_sample > 255};
}

absl::StatusOr<DecodedImage> DecodePnm(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const PnmHeader header,
                           ReadPnmHeader(path, bytes, options));
  const auto& [shape, largest, rest] = header;
  const int64_t sample_bytes = largest > 255 ? 2 : 1;
  const int64_t expected_bytes = shape.elements() * sample_bytes;
  if (rest.size() != expected_bytes) {
    return absl::DataLossError(absl::StrCat(
        path, rest.size() < expected_bytes ? ": truncated" : ": too long",
        ", its header gives ", shape.dim(1), " x ", shape.dim(0),
        " pixels; expected ", expected_bytes, " bytes after it, got ",
        rest.size()));
  }
  const bool is_float = sample_bytes == 2 && options.keep_long_samples;
  LENSLET_ASSIGN_OR_RETURN(
      Tensor image,
      CreateImage(path, is_float ? ElementType::kFloat32 : ElementType::kUint8,
                  shape));
  uint8_t* const bytes_out = is_float ? nullptr : image.data<uint8_t>();
  float* const floats_out = is_float ? image.data() : nullptr;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    int64_t sample = 0;
    for (int64_t j = 0; j < sample_bytes; ++j) {
      sample = sample << 8 | static_cast<uint8_t>(rest[i * sample_bytes + j]);
    }
    if (sample > largest) {
      return absl::DataLossError(absl::StrCat(path, ": sample ", i, " is ",
                                              sample, "; expected at most ",
                                              largest));
    }
    if (is_float) {
      floats_out[i] = static_cast<float>(sample) / static_cast<float>(largest);
    } else {
      bytes_out[i] =
          static_cast<uint8_t>((sample * 255 + largest / 2) / largest);
    }
  }
  return DecodedImage{.image = std::move(image)};
}

}  // namespace lenslet
