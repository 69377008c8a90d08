// The machine that the program runs on.

#ifndef LENSLET_BASE_MACHINE_H_
#define LENSLET_BASE_MACHINE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// Unknown values are empty or 0.
struct Machine {
  std::string cpu = {};       // "AMD EPYC 7B13"
  int64_t threads = 0;        // Threads that the CPU can run at once.
  int64_t memory = 0;         // Bytes.
  std::string system = {};    // "Debian GNU/Linux 12 (bookworm)"
  std::string compiler = {};  // Of this program: "GCC 12.2.0"
};

// Returns a description of this machine, as the system reports it.
Machine ThisMachine();

// Returns the number of threads that this process can run at once, at least 1:
// those of the CPU, or fewer if the process is bound to some of them. The
// default number of threads.
int CpuThreads();

// Returns the value of the first line with the given name, without quotes and
// spaces around it; empty if there is none. `text` has a name and a value on
// each line, as /proc/cpuinfo ("model name : AMD ...") and /etc/os-release
// (PRETTY_NAME="...") do.
std::string ValueOfName(absl::string_view text, absl::string_view name,
                        char separator);

// "23.5 GiB"
std::string MemoryText(int64_t bytes);

}  // namespace lenslet

#endif  // LENSLET_BASE_MACHINE_H_
