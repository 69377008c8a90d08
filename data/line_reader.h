// Reads text files line by line.

#ifndef LENSLET_DATA_LINE_READER_H_
#define LENSLET_DATA_LINE_READER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/gzip_file.h"

namespace lenslet {

// Reads a plain or gzip file. Owns the open file and the memory for a few
// lines. Movable. Not thread-safe.
class LineReader {
 public:
  // Errors: GzipFile::Open()'s.
  static absl::StatusOr<LineReader> Open(const std::string& path,
                                         int64_t max_line_bytes = int64_t{1}
                                                                  << 26);

  // Advances to the next line; the first call advances to the first line.
  // Returns false at the end of the file. Errors: GzipFile::Read()'s;
  // ResourceExhausted for a line of more than Open()'s `max_line_bytes`,
  // although a line up to 64 KiB longer may be accepted. Must not be called
  // after an error.
  absl::StatusOr<bool> Next();

  // The current line, without its "\n" or "\r\n". Valid until the next call of
  // Next() or a move.
  absl::string_view line() const { return line_; }

  // The number of the current line, counted from 1.
  int64_t number() const { return number_; }

 private:
  LineReader(const std::string& path, int64_t max_line_bytes, GzipFile file)
      : path_(path), max_line_bytes_(max_line_bytes), file_(std::move(file)) {}

  std::string path_;
  int64_t max_line_bytes_;
  GzipFile file_;
  // The bytes read. Lines before start_ were already returned.
  std::string buffer_;
  size_t start_ = 0;
  bool ended_ = false;
  absl::string_view line_;
  int64_t number_ = 0;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_LINE_READER_H_
