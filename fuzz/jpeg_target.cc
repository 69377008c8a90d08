// Bytes as a JPEG file.

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/jpeg.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!absl::StartsWith(bytes, lenslet::kJpegSignature)) return 0;
  lenslet::CheckDecoder(lenslet::DecodeJpeg, lenslet::JpegInfo, bytes);
  return 0;
}
