// The standard streams of a program, made fit to use.

#ifndef LENSLET_BASE_STANDARD_STREAMS_H_
#define LENSLET_BASE_STANDARD_STREAMS_H_

#include "absl/status/status.h"

namespace lenslet {

// Opens the null device as standard input, output and error, where these are
// closed, as some services start programs. Without it, the next file that the
// program opens becomes its standard output, and receives all that it prints.
// Reading from a standard input that was closed is still an error.
// For main(), before anything else. Aborts if there is no null device.
void OpenStandardStreams();

// Flushes standard output. Error: what the system says, as "standard output: No
// space left on device", if anything that was printed there since the program
// began could not be written.
absl::Status FlushStandardOutput();

}  // namespace lenslet

#endif  // LENSLET_BASE_STANDARD_STREAMS_H_
