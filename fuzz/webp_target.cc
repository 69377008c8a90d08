// Bytes as a WebP file.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "lenslet/data/webp.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!lenslet::IsWebp(bytes)) return 0;
  lenslet::CheckDecoder(lenslet::DecodeWebp, lenslet::WebpInfo, bytes);
  return 0;
}
