// Runs a fuzz target once for the empty input and for each file in the folders
// that are its arguments; fails if one of these has no files.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void Run(const std::string& bytes) {
  // Of the input's size, so that a sanitizer sees what reads past its end.
  const std::vector<uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  Run("");
  for (int i = 1; i < argc; ++i) {
    std::vector<std::string> paths;
    for (const auto& file : std::filesystem::directory_iterator(argv[i])) {
      paths.push_back(file.path());
    }
    if (paths.empty()) {
      std::fprintf(stderr, "%s: there are no seeds\n", argv[i]);
      return 1;
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      // What fails is the last one.
      std::fprintf(stderr, "%s\n", path.c_str());
      const absl::StatusOr<std::string> bytes = lenslet::ReadFile(path);
      if (!bytes.ok()) {
        std::fprintf(stderr, "%s\n", bytes.status().ToString().c_str());
        return 1;
      }
      Run(*bytes);
    }
  }
  return argc > 1 ? 0 : 1;
}
