// Reads plain files and files compressed with gzip.

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

// Reads a file's bytes from start to end. Inflates a gzip file, detected by its
// first bytes and not by its name. Owns the open file and about 100 KiB of
// memory, whatever the file's size. Movable. Not thread-safe.
class GzipFile {
 public:
  // `max_bytes` limits the inflated size of a gzip file. Errors:
  // InputFile::Open()'s.
  static absl::StatusOr<GzipFile> Open(const std::string& path,
                                       int64_t max_bytes = int64_t{1} << 30);

  // Reads the next bytes into `out` and returns their number. Fewer than
  // out.size() mean that the file has ended, and that a gzip file was complete.
  // To check this after reading exactly as many bytes as needed, request one
  // more. Errors: InputFile::Read()'s. For gzip files also DataLoss (truncated,
  // corrupt, or followed by other bytes) and ResourceExhausted (more than
  // `max_bytes` inflated bytes). Must not be called after an error.
  absl::StatusOr<int64_t> Read(absl::Span<char> out);

  // An upper bound on the number of bytes that can be read, derived from the
  // file size. Use it to check sizes before allocating memory.
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
  // The bytes read from the file. `rest_` is their unused end.
  std::vector<char> buffer_;
  absl::string_view rest_;
  // Null for a plain file. On the heap because zlib's state points back at it.
  std::unique_ptr<z_stream, End> stream_;
  int64_t inflated_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_GZIP_FILE_H_
