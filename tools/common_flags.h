// Flags that several programs have, with one meaning.

#ifndef LENSLET_TOOLS_COMMON_FLAGS_H_
#define LENSLET_TOOLS_COMMON_FLAGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tools/command_line.h"

namespace lenslet {

// Adds --threads.
void AddThreadsFlag(CommandLine& line, int64_t& threads);

// Adds --backend, for programs that can run all backends. `otherwise` says what
// "" stands for.
void AddBackendFlag(CommandLine& line, std::string& backend,
                    const std::string& otherwise = "");

// Returns the backend that --backend names. Errors: InvalidArgument, naming the
// flag.
absl::StatusOr<Backend> BackendFromFlag(const std::string& backend);

// Returns the sizes of --shape=HEIGHT,WIDTH,CHANNELS, or another number of
// them. Errors: InvalidArgument, naming the flag.
absl::StatusOr<std::vector<int64_t>> ShapeFromFlag(const std::string& shape);

// Checks a flag for a folder to write, which `data` must not take for a class
// (CheckOutsideClasses()). A relative path starts from UserFolder(); those in
// `data` are absolute. "" passes. Errors: InvalidArgument, naming the flag.
absl::Status CheckFolderFlag(const std::string& flag, const std::string& folder,
                             const DataProto& data);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_COMMON_FLAGS_H_
