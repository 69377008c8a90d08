#include "lenslet/tools/standard_input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

bool StandardInput::IsGiven() {
  struct stat input;
  return fstat(STDIN_FILENO, &input) == 0 &&
         (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode) ||
          S_ISREG(input.st_mode));
}

absl::Status StandardInput::Fill() {
  char chunk[65536];
  ssize_t got;
  do {
    got = read(STDIN_FILENO, chunk, sizeof(chunk));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return absl::ErrnoToStatus(errno, kStandardInputName);
  buffer_.append(chunk, got);
  at_end_ = got == 0;
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> StandardInput::Peek(size_t count) {
  while (buffer_.size() < count && !at_end_) LENSLET_RETURN_IF_ERROR(Fill());
  return absl::string_view(buffer_).substr(0, count);
}

absl::StatusOr<std::optional<std::string>> StandardInput::ReadLine() {
  size_t searched = 0;
  size_t end;
  while ((end = buffer_.find('\n', searched)) == std::string::npos) {
    if (buffer_.size() > kMaxLineBytes || at_end_) break;
    searched = buffer_.size();
    LENSLET_RETURN_IF_ERROR(Fill());
  }
  const bool has_end = end != std::string::npos;
  const size_t length = has_end ? end : buffer_.size();
  if (length > kMaxLineBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        kStandardInputName, ": a line has more than ", kMaxLineBytes,
        " bytes; expected one path on each line, or an image"));
  }
  if (!has_end && buffer_.empty()) return std::nullopt;
  std::string line = buffer_.substr(0, length);
  buffer_.erase(0, length + has_end);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

absl::StatusOr<std::string> StandardInput::ReadAll(int64_t max_bytes) {
  while (!at_end_) {
    if (static_cast<int64_t>(buffer_.size()) > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(kStandardInputName, ": is too long; expected at most ",
                       max_bytes, " bytes"));
    }
    LENSLET_RETURN_IF_ERROR(Fill());
  }
  return std::exchange(buffer_, {});
}

}  // namespace lenslet
