// Decodes with stb_image, whose formats a caller must first check: it reads
// zeros past the end of a file.

#ifndef LENSLET_DATA_STB_DECODER_H_
#define LENSLET_DATA_STB_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

struct StbPixels {
  template <typename T>
  using Samples = std::unique_ptr<T, decltype(&std::free)>;

  // [height, width, channels]; the last channel is alpha if their number is
  // even. Only one of the two is set.
  Samples<uint8_t> bytes = {nullptr, &std::free};
  Samples<uint16_t> words = {nullptr, &std::free};
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
};

struct StbOptions {
  // Of a single allocation.
  size_t max_allocation = 0;
  // Whether to return words.
  bool is_long = false;
};

// Decodes a PNG, BMP or GIF file; of a GIF file, the first frame, with alpha.
// `path` and `format` are used only in errors. Errors: DataLoss if stb_image
// cannot decode the file, or would allocate more; InvalidArgument for a file of
// 2 GiB or more.
absl::StatusOr<StbPixels> DecodeWithStb(const std::string& path,
                                        absl::string_view format,
                                        absl::string_view bytes,
                                        const StbOptions& options);

// Makes an image of pixels, composited over options.background if they have
// alpha: of words, floats. Errors: ResourceExhausted, naming the path.
absl::StatusOr<Tensor> ToImage(const std::string& path, const StbPixels& pixels,
                               const DecodeOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_STB_DECODER_H_
