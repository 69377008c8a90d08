// Bytes as a PNG file.

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/png.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!absl::StartsWith(bytes, lenslet::kPngSignature)) return 0;
  lenslet::CheckDecoder(lenslet::DecodePng, lenslet::PngInfo, bytes);
  return 0;
}
