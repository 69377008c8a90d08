// Setup and output for every program: standard streams, exit codes, and text
// that is safe to print.
//
//   int main(int argc, char** argv) {
//     return lenslet::RunProgram("train_lenet", argc, argv,
//                                lenslet::TrainLenet);
//   }

#ifndef LENSLET_TOOLS_PROGRAM_H_
#define LENSLET_TOOLS_PROGRAM_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Exit codes.
inline constexpr int kExitFailure = 1;  // The run failed.
inline constexpr int kExitUsage = 2;    // A flag is unknown or out of range.
// Plus the number of the signal that stopped the run, as in shells.
inline constexpr int kExitSignal = 128;

// Opens closed standard streams, calls `body` with the arguments, and returns
// its exit code. Returns kExitFailure instead of 0 if standard output could not
// be written. If memory runs out, exits with kExitFailure and "PROGRAM: not
// enough memory". Call once, from main().
int RunProgram(const std::string& program, int argc, char** argv,
               absl::FunctionRef<int(int, char**)> body);

// Prints to standard output. Escapes characters that could control a terminal
// (PrintableLines() in base/printable.h). Pass names from outside through
// Printable() first, so that they cannot break lines.
void PrintText(absl::string_view text);
template <typename... Args>
void Print(const absl::FormatSpec<Args...>& format, const Args&... args) {
  PrintText(absl::StrFormat(format, args...));
}

// Writes what was printed to standard output, so that a reader has it now.
void FlushOutput();

// Prints "warning: TEXT" to standard error, as one line.
void PrintWarning(absl::string_view text);

// Prints "PROGRAM: error" to standard error, as one line that refers to --help.
// Returns kExitUsage.
int ReportUsage(const std::string& program, const std::string& error);
int ReportUsage(const std::string& program, const absl::Status& status);

// Flushes standard output, then prints "PROGRAM: error" to standard error, as
// one line. Returns kExitFailure.
int ReportFailure(const std::string& program, const absl::Status& status);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PROGRAM_H_
