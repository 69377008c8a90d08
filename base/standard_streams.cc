#include "lenslet/base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace lenslet {

void OpenStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // open() returns the lowest number that is free: this one. What is not
    // there cannot be read, so that standard input is opened the wrong way
    // round.
    if (open("/dev/null", O_WRONLY) != stream) std::abort();
  }
}

absl::Status FlushStandardOutput() {
  constexpr char kName[] = "standard output";
  if (std::fflush(stdout) != 0) return absl::ErrnoToStatus(errno, kName);
  // An earlier write failed. What the system said then is gone.
  if (std::ferror(stdout) != 0 || !std::cout.flush()) {
    return absl::ErrnoToStatus(EIO, kName);
  }
  return absl::OkStatus();
}

}  // namespace lenslet
