#include "lenslet/tools/program.h"

#include <cstdio>

#include "google/protobuf/stubs/logging.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/standard_streams.h"

namespace lenslet {

int RunProgram(const std::string& program, int argc, char** argv,
               absl::FunctionRef<int(int, char**)> body) {
  OpenStandardStreams();
  // What protobuf has to say of a file is in a status, or of no use.
  const google::protobuf::LogSilencer silencer;
  const int exit_code = body(argc, argv);
  const absl::Status status = FlushStandardOutput();
  if (status.ok() || exit_code != 0) return exit_code;
  return ReportFailure(program, status);
}

void PrintText(absl::string_view text) {
  const std::string printable = PrintableLines(text);
  std::fwrite(printable.data(), 1, printable.size(), stdout);
}

void PrintWarning(absl::string_view text) {
  std::fprintf(stderr, "warning: %s\n", Printable(text).c_str());
}

int ReportUsage(const std::string& program, const std::string& error) {
  std::fprintf(stderr, "%s: %s (--help lists the flags)\n", program.c_str(),
               Printable(error).c_str());
  return kExitUsage;
}

int ReportFailure(const std::string& program, const absl::Status& status) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %s\n", program.c_str(),
               Printable(status.message()).c_str());
  return kExitFailure;
}

}  // namespace lenslet
