// Bytes as a file that may be compressed: read at once and in pieces, they are
// the same, or the same error.

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/gzip_file.h"
#include "lenslet/data/testing/gzip_bytes.h"
#include "lenslet/fuzz/target_input.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxBytes = 1 << 16;

// The file's bytes, read in pieces of `piece` bytes.
absl::StatusOr<std::string> ReadAll(const std::string& path, int64_t piece) {
  LENSLET_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path, kMaxBytes));
  const int64_t limit = file.SizeLimit();
  std::string contents;
  std::string buffer(piece, '\0');
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                             file.Read(absl::MakeSpan(buffer)));
    LENSLET_CHECK(got >= 0 && got <= piece);
    contents.append(buffer, 0, got);
    LENSLET_CHECK(static_cast<int64_t>(contents.size()) <= limit);
    if (got < piece) return contents;
  }
}

void RunTarget(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const absl::StatusOr<std::string> contents =
      ReadAll(file.path(), kMaxBytes + 1);
  const absl::StatusOr<std::string> in_pieces = ReadAll(file.path(), 997);
  LENSLET_CHECK(contents.status() == in_pieces.status());
  if (!contents.ok()) return CheckError(contents.status());
  LENSLET_CHECK(*contents == *in_pieces);
  const MemoryFile compressed(GzipBytes(*contents));
  const absl::StatusOr<std::string> again =
      ReadAll(compressed.path(), kMaxBytes + 1);
  LENSLET_CHECK(again.ok() && *again == *contents);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
