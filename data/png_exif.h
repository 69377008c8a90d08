// The EXIF data of PNG files.

#ifndef LENSLET_DATA_PNG_EXIF_H_
#define LENSLET_DATA_PNG_EXIF_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns ExifOrientation() (data/exif.h) of a PNG file's chunk eXIf. Without
// one, it is that of the first 8 text chunks (tEXt, zTXt, iTXt) with the
// keyword "Raw profile type exif" or "Raw profile type APP1", in which
// ImageMagick before 7, exiftool and others write EXIF data as hexadecimal
// digits. `chunks` is what follows kPngSignature, or its start. Reads the first
// 256 KiB of a text. Never fails: damaged data is upright, 1.
int PngOrientation(absl::string_view chunks);

}  // namespace lenslet

#endif  // LENSLET_DATA_PNG_EXIF_H_
