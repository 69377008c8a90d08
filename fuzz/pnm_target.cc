// Bytes as a binary PGM or PPM file.

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/pnm.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!absl::StartsWith(bytes, "P5") && !absl::StartsWith(bytes, "P6")) {
    return 0;
  }
  lenslet::CheckDecoder(lenslet::DecodePnm, lenslet::PnmInfo, bytes);
  return 0;
}
