#include "lenslet/data/line_reader.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

constexpr int64_t kPieceBytes = 64 << 10;

}  // namespace

absl::StatusOr<LineReader> LineReader::Open(const std::string& path,
                                            int64_t max_line_bytes) {
  LENSLET_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path));
  return LineReader(path, max_line_bytes, std::move(file));
}

absl::StatusOr<bool> LineReader::Next() {
  size_t searched = start_;
  while (true) {
    size_t end = buffer_.find('\n', searched);
    if (end == std::string::npos && ended_) end = buffer_.size();
    if (end != std::string::npos) {
      if (start_ >= buffer_.size()) return false;
      line_ = absl::StripSuffix(
          absl::string_view(buffer_).substr(start_, end - start_), "\r");
      start_ = end + 1;
      ++number_;
      return true;
    }
    buffer_.erase(0, start_);
    start_ = 0;
    searched = buffer_.size();
    if (searched > max_line_bytes_) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path_, ":", number_ + 1, ": the line has more than ",
                       max_line_bytes_, " bytes"));
    }
    buffer_.resize(searched + kPieceBytes);
    LENSLET_ASSIGN_OR_RETURN(
        const int64_t got,
        file_.Read(absl::MakeSpan(buffer_.data() + searched, kPieceBytes)));
    buffer_.resize(searched + got);
    ended_ = got < kPieceBytes;
  }
}

}  // namespace lenslet
