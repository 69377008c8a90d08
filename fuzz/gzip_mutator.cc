// Changes gzip files, half of the time by what they inflate to: a changed byte
// of a file makes its checksum wrong.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/gzip_file.h"
#include "lenslet/data/testing/gzip_bytes.h"
#include "lenslet/fuzz/mutate.h"
#include "lenslet/fuzz/target_input.h"

namespace lenslet {
namespace {

// What the file inflates to, or as much as there is in front of an error.
std::string Inflated(absl::string_view bytes) {
  constexpr int64_t kMaxBytes = 1 << 14;
  const MemoryFile memory(bytes);
  absl::StatusOr<GzipFile> file = GzipFile::Open(memory.path());
  std::string contents(kMaxBytes, '\0');
  absl::StatusOr<int64_t> size = 0;
  if (file.ok()) size = file->Read(absl::MakeSpan(contents));
  contents.resize(size.value_or(0));
  return contents;
}

std::string MutateGzip(absl::string_view bytes, size_t max_size,
                       unsigned int seed) {
  if (seed % 2 == 0) return Mutated(bytes, max_size);
  const std::string contents = Inflated(bytes);
  const std::string changed = GzipBytes(Mutated(contents, max_size));
  // Now and then, a second member.
  return seed % 16 == 1 ? std::string(bytes) + changed : changed;
}

}  // namespace
}  // namespace lenslet

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed) {
  return lenslet::Replace(
      lenslet::MutateGzip(lenslet::AsText(data, size), max_size, seed), data,
      max_size);
}
