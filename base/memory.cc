#include "lenslet/base/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/system_file.h"

namespace lenslet {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

int64_t LimitInFile(const std::string& path) {
  int64_t limit;
  // Without a limit, version 2 has "max" and version 1 a huge number.
  return absl::SimpleAtoi(ReadSystemFile(path), &limit) && limit > 0 ? limit
                                                                     : kNoLimit;
}

// Of the group at `path` below `root` and those above it. In a container, the
// path may be the host's and not exist: then the root is the container's group.
int64_t LimitOfGroups(const std::string& root, std::string path,
                      const std::string& file) {
  int64_t limit = kNoLimit;
  while (true) {
    limit = std::min(limit, LimitInFile(absl::StrCat(root, path, "/", file)));
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return limit;
    path.resize(slash);
  }
}

struct Limit {
  int64_t bytes = kNoLimit;
  const char* owner = "";  // "the machine has"
  int64_t used = 0;        // By this process, of what the limit counts.
};

// Bytes of address space, and of memory, that the process uses; 0 where that is
// not known.
struct Usage {
  int64_t address_space = 0;
  int64_t resident = 0;
};

Usage ProcessUsage() {
  const int64_t page = sysconf(_SC_PAGESIZE);
  const std::string text = ReadSystemFile("/proc/self/statm");
  const std::vector<absl::string_view> pages = absl::StrSplit(text, ' ');
  Usage usage;
  if (pages.size() < 2 || !absl::SimpleAtoi(pages[0], &usage.address_space) ||
      !absl::SimpleAtoi(pages[1], &usage.resident)) {
    return {};
  }
  return {.address_space = usage.address_space * page,
          .resident = usage.resident * page};
}

// All that there are.
std::vector<Limit> Limits() {
  const Usage usage = ProcessUsage();
  std::vector<Limit> limits = {
      {.bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) *
                sysconf(_SC_PAGESIZE),
       .owner = "the machine has",
       .used = usage.resident}};
  const int64_t of_group =
      ControlGroupLimit(ReadSystemFile("/proc/self/cgroup"), "/sys/fs/cgroup");
  if (of_group != kNoLimit) {
    limits.push_back({.bytes = of_group,
                      .owner = "the control group allows",
                      .used = usage.resident});
  }
  rlimit address_space;
  if (getrlimit(RLIMIT_AS, &address_space) == 0 &&
      address_space.rlim_cur != RLIM_INFINITY &&
      address_space.rlim_cur < static_cast<rlim_t>(kNoLimit)) {
    limits.push_back({.bytes = static_cast<int64_t>(address_space.rlim_cur),
                      .owner = "the limit of address space allows",
                      .used = usage.address_space});
  }
  return limits;
}

// "8123 MiB; the control group allows 3072 MiB"
std::string Comparison(int64_t bytes, const Limit& limit) {
  return absl::StrCat(bytes == kNoLimit ? "more than " : "", bytes >> 20,
                      " MiB; ", limit.owner, " ", limit.bytes >> 20, " MiB");
}

}  // namespace

int64_t MultiplySizes(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? kNoLimit : product;
}

int64_t AddSizes(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? kNoLimit : sum;
}

int64_t ControlGroupLimit(absl::string_view groups, const std::string& mount) {
  int64_t limit = kNoLimit;
  // "0::/user.slice" of version 2, "4:cpu,memory:/docker/abc" of version 1.
  for (const absl::string_view line : absl::StrSplit(groups, '\n')) {
    const std::vector<std::string> fields =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() < 3) continue;
    const std::string path = fields[2] == "/" ? "" : fields[2];
    if (fields[1].empty()) {
      limit = std::min(
          {limit, LimitOfGroups(mount, path, "memory.max"),
           LimitOfGroups(absl::StrCat(mount, "/unified"), path, "memory.max")});
      continue;
    }
    for (const absl::string_view controller : absl::StrSplit(fields[1], ',')) {
      if (controller != "memory") continue;
      limit = std::min(limit, LimitOfGroups(absl::StrCat(mount, "/memory"),
                                            path, "memory.limit_in_bytes"));
    }
  }
  // Version 1 says "none" with a number that no machine has.
  constexpr int64_t kNone = int64_t{1} << 60;
  return limit >= kNone ? kNoLimit : limit;
}

absl::Status CheckMemory(int64_t bytes, absl::string_view what) {
  constexpr int64_t kJudgedFrom = 1 << 20;
  if (bytes < kJudgedFrom) return absl::OkStatus();
  for (const Limit& limit : Limits()) {
    if (AddSizes(bytes, limit.used) <= limit.bytes) continue;
    return absl::ResourceExhaustedError(absl::StrCat(
        "not enough memory for ", what, ": ", Comparison(bytes, limit),
        ", of which ", limit.used >> 20, " MiB are in use"));
  }
  return absl::OkStatus();
}

absl::Status CheckMemory(absl::Span<const MemoryPart> parts,
                         absl::string_view what) {
  int64_t sum = 0;
  for (const MemoryPart& part : parts) sum = AddSizes(sum, part.bytes);
  for (const Limit& limit : Limits()) {
    if (sum <= limit.bytes) continue;
    return absl::ResourceExhaustedError(
        absl::StrCat("not enough memory for ", what, ": ",
                     Comparison(sum, limit), "; ", LargestParts(parts)));
  }
  return absl::OkStatus();
}

std::string LargestParts(absl::Span<const MemoryPart> parts) {
  constexpr size_t kNamed = 3;
  std::vector<MemoryPart> largest(parts.begin(), parts.end());
  std::stable_sort(largest.begin(), largest.end(),
                   [](const MemoryPart& a, const MemoryPart& b) {
                     return a.bytes > b.bytes;
                   });
  if (largest.size() > kNamed) largest.resize(kNamed);
  std::vector<std::string> named;
  for (const MemoryPart& part : largest) {
    named.push_back(absl::StrCat(part.what, " ", part.bytes >> 20, " MiB"));
  }
  return absl::StrCat("the largest parts: ", absl::StrJoin(named, ", "));
}

}  // namespace lenslet
