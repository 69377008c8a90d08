// Bytes as a TIFF file.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "lenslet/data/tiff.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!lenslet::IsTiff(bytes)) return 0;
  lenslet::CheckDecoder(lenslet::DecodeTiff, lenslet::TiffInfo, bytes);
  return 0;
}
