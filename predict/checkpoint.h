// Saves and loads a trained model as one file: network, parameters, classes,
// and the state of training.
//
// The file consists of the 8 bytes "LENSLET1", the CRC-32 of the rest (4 bytes,
// little-endian), and a serialized CheckpointProto. The same training gives the
// same bytes.

#ifndef LENSLET_PREDICT_CHECKPOINT_H_
#define LENSLET_PREDICT_CHECKPOINT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

// The newest checkpoint of a training run, in its folder.
inline constexpr char kLatestName[] = "latest.ckpt";

// Copies the parameters' names, shapes and values to the checkpoint.
void CopyParameters(const Parameters& parameters, CheckpointProto& checkpoint);

// Returns the checkpoint's parameters. `graph` is that of its model. Errors:
// InvalidArgument, naming the parameter, if names or shapes differ from the
// graph's, the number of values does not match the shape, or a value is not
// finite; ResourceExhausted.
absl::StatusOr<Parameters> RestoreParameters(const Graph& graph,
                                             const CheckpointProto& checkpoint);

// Copies values from the checkpoint to those of `parameters` that have the same
// name and shape there. Returns whether each of the parameters was copied.
std::vector<bool> CopyMatchingParameters(const CheckpointProto& checkpoint,
                                         Parameters& parameters);

// Returns the content of a checkpoint file. Errors: ResourceExhausted for a
// checkpoint of 2 GiB or more.
absl::StatusOr<std::string> CheckpointToBytes(
    const CheckpointProto& checkpoint);

// Parses the content of a checkpoint file. Errors, to be read after its name:
// InvalidArgument for bytes that are not a checkpoint; DataLoss for a truncated
// or corrupted one.
absl::StatusOr<CheckpointProto> CheckpointFromBytes(absl::string_view bytes);

// Writes the file atomically. Errors: as WriteFileAtomically() and
// CheckpointToBytes().
absl::Status SaveCheckpoint(const std::string& path,
                            const CheckpointProto& checkpoint);

// Returns whether the file, or kLatestName in a folder, starts like a
// checkpoint. False if it cannot be read.
bool IsCheckpoint(const std::string& path);

// Loads a checkpoint; for a folder, its kLatestName. Errors, all naming the
// path: as ReadFile() and CheckpointFromBytes().
absl::StatusOr<CheckpointProto> LoadCheckpoint(const std::string& path);

// LoadCheckpoint(), or a function that reads files of other formats as well,
// such as LoadCheckpointOrOnnx() (onnx/load.h).
using CheckpointLoader =
    absl::StatusOr<CheckpointProto> (*)(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_PREDICT_CHECKPOINT_H_
