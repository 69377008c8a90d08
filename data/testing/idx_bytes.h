// IDX files, for tests.

#ifndef LENSLET_DATA_TESTING_IDX_BYTES_H_
#define LENSLET_DATA_TESTING_IDX_BYTES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// Four bytes, the most significant one first.
std::string BigEndianBytes(uint32_t value);

// The bytes of an image file: the header, then `pixels`, however many.
std::string IdxImageBytes(uint32_t count, uint32_t height, uint32_t width,
                          absl::string_view pixels);

// The bytes of a label file.
std::string IdxLabelBytes(absl::Span<const uint8_t> labels);

// The bytes of a file of any type, such as 0x0d for float32, and any sizes;
// then `numbers`, as the file has them.
std::string IdxBytes(uint8_t type, absl::Span<const uint32_t> dims,
                     absl::string_view numbers);

struct SmallMnist {
  int count = 100;
  int height = 8;
  int width = 8;
  int classes = 10;
};

// Writes a whole data set, as LoadMnist() reads it, into the folder
// `directory`: `count` images to train with and as many others to test with,
// and classes.txt. Image i has the label i % classes and shows it: every
// `classes`th pixel, in order of memory, from the label's on, is in [192, 255],
// the others are noise in [0, 63]. height * width >= classes. Always the same
// pixels.
absl::Status WriteSmallMnist(const std::string& directory,
                             const SmallMnist& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_IDX_BYTES_H_
