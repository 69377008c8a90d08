#include "lenslet/data/stb_decoder.h"

#include <climits>

#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

// The data of a file may have any size, whatever its header says. This is the
// most that the file which a thread decodes may need at once.
thread_local size_t max_allocation = 0;

void* LimitedRealloc(void* memory, size_t bytes) {
  return bytes <= max_allocation ? std::realloc(memory, bytes) : nullptr;
}

}  // namespace
}  // namespace lenslet

#define STBI_MALLOC(bytes) ::lenslet::LimitedRealloc(nullptr, bytes)
#define STBI_REALLOC(memory, bytes) ::lenslet::LimitedRealloc(memory, bytes)
#define STBI_FREE(memory) std::free(memory)
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace lenslet {

absl::StatusOr<StbPixels> DecodeWithStb(const std::string& path,
                                        absl::string_view format,
                                        absl::string_view bytes,
                                        const StbOptions& options) {
  if (bytes.size() > INT_MAX) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": has ", bytes.size(), " bytes; expected at most ", INT_MAX));
  }
  max_allocation = options.max_allocation;
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0, height = 0, channels = 0;
  StbPixels pixels;
  if (options.is_long) {
    pixels.words.reset(stbi_load_16_from_memory(data, size, &width, &height,
                                                &channels,
                                                /*desired_channels=*/0));
  } else {
    pixels.bytes.reset(stbi_load_from_memory(data, size, &width, &height,
                                             &channels,
                                             /*desired_channels=*/0));
  }
  if (pixels.words == nullptr && pixels.bytes == nullptr) {
    return absl::DataLossError(
        absl::StrCat(path, ": the ", format,
                     " file cannot be decoded: ", stbi_failure_reason()));
  }
  pixels.height = height;
  pixels.width = width;
  pixels.channels = channels;
  return pixels;
}

absl::StatusOr<Tensor> ToImage(const std::string& path, const StbPixels& pixels,
                               const DecodeOptions& options) {
  if (pixels.words != nullptr) {
    return ImageOfWords(path, pixels.words.get(),
                        {pixels.height, pixels.width, pixels.channels},
                        options);
  }
  return ImageOfBytes(path, pixels.bytes.get(),
                      {pixels.height, pixels.width, pixels.channels}, options);
}

}  // namespace lenslet
