#include "lenslet/onnx/load.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/onnx/onnx_file.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {
namespace {

// What IsOnnx() needs.
constexpr int64_t kStartBytes = 3;

// The format's own limit. Larger models have their values in other files.
constexpr int64_t kMaxOnnxBytes = std::numeric_limits<int32_t>::max();

std::vector<std::string> LinesOf(const absl::Status& status) {
  return absl::StrSplit(status.message(), '\n');
}

}  // namespace

bool IsOnnxFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  if (absl::EndsWithIgnoreCase(path, ".onnx")) return true;
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return false;
  char start[kStartBytes];
  const absl::StatusOr<int64_t> size = file->Read(absl::MakeSpan(start));
  return size.ok() && IsOnnx(absl::string_view(start, *size));
}

absl::StatusOr<OnnxImport> LoadOnnx(const std::string& path,
                                    const OnnxImportOptions& options) {
  if (std::error_code error; std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a folder; expected an ONNX model"));
  }
  if (std::error_code error;
      std::filesystem::is_regular_file(path, error) && IsCheckpoint(path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is a checkpoint already; expected an ONNX model"));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadFile(path, kMaxOnnxBytes));
  absl::StatusOr<OnnxImport> import =
      ImportOnnx(bytes, std::filesystem::path(path).parent_path(), options);
  if (import.ok()) return import;
  std::vector<std::string> lines = LinesOf(import.status());
  for (std::string& line : lines) line = absl::StrCat(path, ": ", line);
  return absl::Status(import.status().code(), absl::StrJoin(lines, "\n"));
}

absl::StatusOr<CheckpointProto> LoadCheckpointOrOnnx(const std::string& path) {
  std::vector<std::string> notes;
  return LoadCheckpointOrOnnx(path, notes);
}

absl::StatusOr<CheckpointProto> LoadCheckpointOrOnnx(
    const std::string& path, std::vector<std::string>& notes) {
  if (IsCheckpoint(path) || !IsOnnxFile(path)) return LoadCheckpoint(path);
  absl::StatusOr<OnnxImport> import = LoadOnnx(path);
  if (import.ok()) {
    notes.insert(notes.end(), import->notes.begin(), import->notes.end());
    return std::move(import->checkpoint);
  }
  const std::vector<std::string> lines = LinesOf(import.status());
  return absl::Status(
      import.status().code(),
      lines.size() == 1
          ? lines[0]
          : absl::StrCat(lines[0],
                         "; lenslet lint lists all nodes that cannot be "
                         "imported"));
}

}  // namespace lenslet
