#include "lenslet/base/machine.h"

#include <sched.h>

#include <algorithm>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lenslet/base/system_file.h"

namespace lenslet {
namespace {

std::string Compiler() {
#if defined(__clang__)
  return absl::StrCat("Clang ", __clang_version__);
#else
  return absl::StrCat("GCC ", __VERSION__);
#endif
}

}  // namespace

std::string ValueOfName(absl::string_view text, absl::string_view name,
                        char separator) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(separator, 1));
    if (absl::StripAsciiWhitespace(parts.first) != name) continue;
    absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    if (absl::ConsumePrefix(&value, "\"")) absl::ConsumeSuffix(&value, "\"");
    return std::string(value);
  }
  return "";
}

std::string MemoryText(int64_t bytes) {
  constexpr double kMebi = 1 << 20;
  return bytes < (int64_t{1} << 30)
             ? absl::StrFormat("%.0f MiB", bytes / kMebi)
             : absl::StrFormat("%.1f GiB", bytes / kMebi / 1024);
}

int CpuThreads() {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) {
    return std::max(1, CPU_COUNT(&cpus));
  }
  // More CPUs than a set holds, or unknown, which is 0.
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Machine ThisMachine() {
  Machine machine;
  machine.cpu = ValueOfName(ReadSystemFile("/proc/cpuinfo"), "model name", ':');
  machine.threads = std::thread::hardware_concurrency();
  // "24613384 kB"
  const std::string memory =
      ValueOfName(ReadSystemFile("/proc/meminfo"), "MemTotal", ':');
  int64_t kibibytes = 0;
  if (absl::SimpleAtoi(absl::StripSuffix(memory, " kB"), &kibibytes)) {
    machine.memory = kibibytes * 1024;
  }
  machine.system =
      ValueOfName(ReadSystemFile("/etc/os-release"), "PRETTY_NAME", '=');
  machine.compiler = Compiler();
  return machine;
}

}  // namespace lenslet
