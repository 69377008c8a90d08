// Standard input, read piece by piece with limits.

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

// What error messages call it, and what programs take as its name.
inline constexpr char kStandardInputName[] = "-";

// One thread, one object a process.
class StandardInput {
 public:
  // Longer than the path of any file.
  static constexpr int64_t kMaxLineBytes = 65536;

  // Whether a pipe, a socket or a file is there to be read, rather than a
  // terminal or the null device.
  static bool IsGiven();

  // The bytes that come next, `count` of them or fewer at the end; they stay to
  // be read. `count` is at most kMaxLineBytes. Errors, "-: reason": what the
  // system says.
  absl::StatusOr<absl::string_view> Peek(size_t count);

  // The next line, without its end "\n" or "\r\n"; nothing after the last.
  // Errors: as Peek(), and ResourceExhausted for a line of more than
  // kMaxLineBytes.
  absl::StatusOr<std::optional<std::string>> ReadLine();

  // All that is left. Errors: as Peek(), and ResourceExhausted for more than
  // `max_bytes`.
  absl::StatusOr<std::string> ReadAll(int64_t max_bytes);

 private:
  // Appends what the system gives to buffer_.
  absl::Status Fill();

  std::string buffer_;  // Read and not yet taken.
  bool at_end_ = false;
};

}  // namespace lenslet

#endif  // LENSLET_TOOLS_STANDARD_INPUT_H_
