// Files that may be compressed with gzip.

#ifndef LENSLET_DATA_GZIP_FILE_H_
#define LENSLET_DATA_GZIP_FILE_H_

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/input_file.h"

namespace lenslet {

// Reads the file's bytes from start to end, inflated if they start as a gzip
// file does; what the file is called does not matter. Owns the open file and
// about 100 KiB of memory, whatever the file's size. Moves. For one thread at a
// time.
class GzipFile {
 public:
  // Errors: InputFile::Open()'s. `max_bytes` is how many bytes a gzip file may
  // inflate to.
  static absl::StatusOr<GzipFile> Open(const std::string& path,
                                       int64_t max_bytes = int64_t{1} << 30);

  // Fills `out` with the bytes that follow those read so far, and returns how
  // many there were. Fewer than `out` has mean that the file has ended, and
  // that a gzip file was whole; a caller that got all it wanted asks for one
  // byte more to know that. Errors: InputFile::Read()'s, and for gzip files
  // DataLoss (truncated, corrupt, or followed by bytes that are not gzip's) and
  // ResourceExhausted (more than `max_bytes` inflated bytes). Not to be called
  // after an error.
  absl::StatusOr<int64_t> Read(absl::Span<char> out);

  // No more bytes than these can be read from start to end, going by the size
  // of the file: for memory to be asked for before they are read.
  int64_t SizeLimit() const;

 private:
  struct End {
    void operator()(z_stream* stream) const {
      inflateEnd(stream);
      delete stream;
    }
  };

  GzipFile(InputFile file, int64_t max_bytes);

  absl::Status Refill();
  absl::Status StartInflating();
  absl::Status StartNextMember();
  absl::StatusOr<int64_t> ReadPlain(absl::Span<char> out);
  absl::StatusOr<int64_t> Inflate(absl::Span<char> out);

  InputFile file_;
  int64_t max_bytes_;
  // What was read from the file, and the end of it that is still to be used.
  std::vector<char> buffer_;
  absl::string_view rest_;
  // Null for a plain file. zlib's state points back at it: it may not move.
  std::unique_ptr<z_stream, End> stream_;
  int64_t inflated_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_GZIP_FILE_H_
