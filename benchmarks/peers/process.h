// A child process that answers lines with lines.

#ifndef LENSLET_BENCHMARKS_PEERS_PROCESS_H_
#define LENSLET_BENCHMARKS_PEERS_PROCESS_H_

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lenslet::peers {

// One thread at a time.
class Process {
 public:
  // Starts `program`, a path, with this process's environment, of which no
  // variable that sets up OpenMP, OpenBLAS, oneDNN, PyTorch or glibc is left,
  // and the variables "NAME=value" besides. Its error output is this process's.
  // Errors: Internal, naming the program.
  static absl::StatusOr<std::unique_ptr<Process>> Start(
      const std::string& program, const std::vector<std::string>& arguments,
      const std::vector<std::string>& environment);

  // Closes the process's input and waits for its end.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Writes a line to the process's input and waits for a line of its output.
  // Errors: Internal, naming the program, if it answers "error: REASON" or has
  // ended.
  absl::StatusOr<std::string> Ask(const std::string& line);

 private:
  Process(std::string program, pid_t pid, FILE* to, FILE* from)
      : program_(std::move(program)), pid_(pid), to_(to), from_(from) {}

  const std::string program_;
  const pid_t pid_;
  FILE* const to_;
  FILE* const from_;
};

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_PROCESS_H_
