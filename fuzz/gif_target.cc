// Bytes as a GIF file.

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/gif.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!absl::StartsWith(bytes, lenslet::kGifSignature)) return 0;
  lenslet::CheckDecoder(lenslet::DecodeGif, lenslet::GifInfo, bytes);
  return 0;
}
