#include "lenslet/tools/common_flags.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/load_data.h"

namespace lenslet {

void AddThreadsFlag(CommandLine& line, int64_t& threads) {
  line.AddFlag("threads",
               "Number of threads. The result does not depend on the number.",
               threads, {.min = 1, .max = 1024});
}

void AddBackendFlag(CommandLine& line, std::string& backend,
                    const std::string& otherwise) {
  line.AddFlag("backend",
               absl::StrCat("Backend: lanes, xnnpack, direct or reference.",
                            otherwise.empty() ? "" : " Default: ", otherwise),
               backend);
}

absl::StatusOr<Backend> BackendFromFlag(const std::string& backend) {
  const absl::StatusOr<Backend> known = BackendByName(backend);
  if (known.ok()) return known;
  return absl::InvalidArgumentError(
      absl::StrCat("--backend: ", known.status().message()));
}

absl::StatusOr<std::vector<int64_t>> ShapeFromFlag(const std::string& shape) {
  std::vector<int64_t> sizes;
  for (const absl::string_view part : absl::StrSplit(shape, ',')) {
    int64_t size;
    if (!absl::SimpleAtoi(part, &size) || size < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--shape is \"", shape,
                       "\"; expected HEIGHT,WIDTH,CHANNELS, such as 64,64,3"));
    }
    sizes.push_back(size);
  }
  return sizes;
}

absl::Status CheckFolderFlag(const std::string& flag, const std::string& folder,
                             const DataProto& data) {
  if (folder.empty()) return absl::OkStatus();
  const absl::Status status = CheckOutsideClasses(UserPath(folder), data);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " is ", folder, ", which ", status.message()));
}

}  // namespace lenslet
