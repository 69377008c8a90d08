// EXIF data, and files with it, for tests.

#ifndef LENSLET_DATA_TESTING_EXIF_BYTES_H_
#define LENSLET_DATA_TESTING_EXIF_BYTES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// A TIFF header and a directory with the tags of a camera's maker, of which
// Orientation is the second.
std::string ExifBytes(int orientation, bool is_big_endian = true);

// The JPEG file `jpeg` with a segment APP1 of EXIF data after its first two
// bytes.
std::string JpegWithExif(absl::string_view jpeg, absl::string_view exif);

// The PNG file `png` with a chunk eXIf after its header.
std::string PngWithExif(absl::string_view png, absl::string_view exif);

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_EXIF_BYTES_H_
