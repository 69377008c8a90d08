// Reads standard input piece by piece, with size limits.

#ifndef LENSLET_TOOLS_STANDARD_INPUT_H_
#define LENSLET_TOOLS_STANDARD_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// The name of standard input in error messages and arguments.
inline constexpr char kStandardInputName[] = "-";

// Not thread-safe. At most one object per process.
class StandardInput {
 public:
  // Longer than the path of any file.
  static constexpr int64_t kMaxLineBytes = 65536;

  // Returns whether standard input is a pipe, a socket or a file, rather than a
  // terminal or the null device.
  static bool IsGiven();

  // Returns the next `count` bytes, or fewer at the end, without consuming
  // them. `count` is at most kMaxLineBytes. Errors: the system's, as "-:
  // reason".
  absl::StatusOr<absl::string_view> Peek(size_t count);

  // What was read and not yet consumed.
  absl::string_view buffered() const { return buffer_; }

  // Returns the next line without its "\n" or "\r\n", or nullopt after the
  // last. Errors: as Peek(), and ResourceExhausted for a line of more than
  // kMaxLineBytes.
  absl::StatusOr<std::optional<std::string>> ReadLine();

  // Returns the rest of the input. Errors: as Peek(), and ResourceExhausted for
  // more than `max_bytes`.
  absl::StatusOr<std::string> ReadAll(int64_t max_bytes);

 private:
  // Reads from the system and appends to buffer_.
  absl::Status Fill();

  std::string buffer_;  // Read but not yet consumed.
  bool at_end_ = false;
};

}  // namespace lenslet

#endif  // LENSLET_TOOLS_STANDARD_INPUT_H_
