#include "lenslet/tools/program.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <new>

#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/logging.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/standard_streams.h"

namespace lenslet {
namespace {

// Made beforehand: there is no memory left for it.
const std::string* out_of_memory_error = nullptr;

// The system's error of the first output that could not be written: the stream
// keeps only that there was one. 0 for none.
int output_error = 0;

void NoteOutput(bool is_written) {
  if (!is_written && output_error == 0) output_error = errno;
}

// For what allocates without CheckMemory(), on any thread.
void EndForLackOfMemory() {
  [[maybe_unused]] const ssize_t written = write(
      STDERR_FILENO, out_of_memory_error->data(), out_of_memory_error->size());
  _exit(kExitFailure);
}

}  // namespace

int RunProgram(const std::string& program, int argc, char** argv,
               absl::FunctionRef<int(int, char**)> body) {
  OpenStandardStreams();
  out_of_memory_error =
      new std::string(absl::StrCat(program, ": not enough memory\n"));
  std::set_new_handler(EndForLackOfMemory);
  // What protobuf has to say of a file is in a status, or of no use.
  const google::protobuf::LogSilencer silencer;
  const int exit_code = body(argc, argv);
  FlushOutput();
  absl::Status status = FlushStandardOutput();
  if (!status.ok() && output_error != 0) {
    status = absl::ErrnoToStatus(output_error, "standard output");
  }
  if (status.ok() || exit_code != 0) return exit_code;
  return ReportFailure(program, status);
}

void PrintText(absl::string_view text) {
  const std::string printable = PrintableLines(text);
  NoteOutput(std::fwrite(printable.data(), 1, printable.size(), stdout) ==
             printable.size());
}

void FlushOutput() { NoteOutput(std::fflush(stdout) == 0); }

void PrintWarning(absl::string_view text) {
  std::fprintf(stderr, "warning: %s\n", Printable(text).c_str());
}

int ReportUsage(const std::string& program, const std::string& error) {
  std::fprintf(stderr, "%s: %s (--help lists the flags)\n", program.c_str(),
               Printable(error).c_str());
  return kExitUsage;
}

int ReportUsage(const std::string& program, const absl::Status& status) {
  return ReportUsage(program, std::string(status.message()));
}

int ReportFailure(const std::string& program, const absl::Status& status) {
  FlushOutput();
  std::fprintf(stderr, "%s: %s\n", program.c_str(),
               Printable(status.message()).c_str());
  return kExitFailure;
}

}  // namespace lenslet
