// A trained model in one file: network, parameters, classes, and where training
// stood.
//
// The file is the 8 bytes "LENSLET1", the CRC-32 of what follows (4 bytes,
// little-endian), and a serialised CheckpointProto. The same training gives the
// same bytes.

#ifndef LENSLET_PREDICT_CHECKPOINT_H_
#define LENSLET_PREDICT_CHECKPOINT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

// The newest checkpoint of a training run, in its folder.
inline constexpr char kLatestName[] = "latest.ckpt";

// Puts the parameters' names, shapes and values into the checkpoint.
void CopyParameters(const Parameters& parameters, CheckpointProto& checkpoint);

// The checkpoint's parameters, for the graph of its model. Errors:
// InvalidArgument, naming the parameter, if names or shapes are not the
// graph's, there are more or fewer values than the shape says, or a value is
// not finite; ResourceExhausted.
absl::StatusOr<Parameters> RestoreParameters(const Graph& graph,
                                             const CheckpointProto& checkpoint);

// Copies the values of the checkpoint's parameters to those of `parameters`
// that have the same name and shape. Returns how many these are.
int CopyMatchingParameters(const CheckpointProto& checkpoint,
                           Parameters& parameters);

// Writes the file, or leaves what was at `path` as it was: see
// WriteFileAtomically(). Errors: as there, and ResourceExhausted for a
// checkpoint of 2 GiB or more.
absl::Status SaveCheckpoint(const std::string& path,
                            const CheckpointProto& checkpoint);

// Whether the file, or kLatestName in the folder, starts as a checkpoint does;
// false for what cannot be read.
bool IsCheckpoint(const std::string& path);

// Of a folder: its kLatestName. Errors, all naming the path: as ReadFile();
// InvalidArgument for a file that is no checkpoint, DataLoss for one that is
// cut short or has changed.
absl::StatusOr<CheckpointProto> LoadCheckpoint(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_PREDICT_CHECKPOINT_H_
