// Loads a trained network from the file that a user has: a checkpoint or an
// ONNX model.

#ifndef LENSLET_ONNX_LOAD_H_
#define LENSLET_ONNX_LOAD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/onnx/import.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

// Returns whether the file starts like an ONNX model (IsOnnx()), or at least is
// called one: its name ends in .onnx. False for other files that cannot be
// read, and for folders.
bool IsOnnxFile(const std::string& path);

// Imports the file, of less than 2 GiB. Errors: ReadFile()'s, which name the
// path; ImportOnnx()'s, each of their lines starting with the path.
absl::StatusOr<OnnxImport> LoadOnnx(const std::string& path,
                                    const OnnxImportOptions& options = {});

// Loads a checkpoint, the latest checkpoint of a run's folder, or an ONNX model
// that needs no options to be imported: a CheckpointLoader. Errors, all naming
// the path, in one line: as LoadCheckpoint() and LoadOnnx(). Of several nodes
// that cannot be imported, names the first. With `notes`, adds those of the
// import.
absl::StatusOr<CheckpointProto> LoadCheckpointOrOnnx(const std::string& path);
absl::StatusOr<CheckpointProto> LoadCheckpointOrOnnx(
    const std::string& path, std::vector<std::string>& notes);

}  // namespace lenslet

#endif  // LENSLET_ONNX_LOAD_H_
