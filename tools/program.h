// What every program does around its work: the standard streams, and text that
// is safe to print.
//
//   int main(int argc, char** argv) {
//     return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
//   }

#ifndef LENSLET_TOOLS_PROGRAM_H_
#define LENSLET_TOOLS_PROGRAM_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// What programs return from main().
inline constexpr int kExitFailure = 1;  // The run failed.
inline constexpr int kExitUsage = 2;    // A flag is unknown or out of range.
// Plus the number of the signal that stopped the run, as shells count.
inline constexpr int kExitSignal = 128;

// Opens the standard streams that are closed, calls `body` with the arguments,
// and returns its exit code, or kExitFailure if that is 0 but standard output
// could not be written. Where memory ends, the program ends with kExitFailure
// and "PROGRAM: not enough memory". For main(), once.
int RunProgram(const std::string& program, int argc, char** argv,
               absl::FunctionRef<int(int, char**)> body);

// Prints to standard output. Characters that could take hold of a terminal
// become escapes (PrintableLines() in base/printable.h). Names that came from
// outside go through Printable() first, so that they stay on their line.
void PrintText(absl::string_view text);
template <typename... Args>
void Print(const absl::FormatSpec<Args...>& format, const Args&... args) {
  PrintText(absl::StrFormat(format, args...));
}

// Prints "warning: TEXT" to standard error, as one line.
void PrintWarning(absl::string_view text);

// Prints "PROGRAM: error" to standard error, as one line, with the advice to
// look at --help. Returns kExitUsage.
int ReportUsage(const std::string& program, const std::string& error);

// Prints "PROGRAM: error" to standard error, as one line, after what was
// printed to standard output. Returns kExitFailure.
int ReportFailure(const std::string& program, const absl::Status& status);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PROGRAM_H_
