// Makes the standard streams of a program safe to use.

#ifndef LENSLET_BASE_STANDARD_STREAMS_H_
#define LENSLET_BASE_STANDARD_STREAMS_H_

#include "absl/status/status.h"

namespace lenslet {

// Opens the null device in place of standard input, output or error if they are
// closed. Some services start programs that way. Without this call, the next
// file that the program opens would become its standard output and receive
// everything it prints. Reading from a closed standard input is still an error.
// Call it in main(), before anything else. Aborts if there is no null device.
void OpenStandardStreams();

// Flushes standard output. Returns an error if any output since the program
// started could not be written: the system error, as in "standard output: No
// space left on device".
absl::Status FlushStandardOutput();

}  // namespace lenslet

#endif  // LENSLET_BASE_STANDARD_STREAMS_H_
