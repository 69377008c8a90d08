// What a run takes from the checkpoint that its recipe starts from.

#ifndef LENSLET_TRAIN_RUNS_START_FROM_H_
#define LENSLET_TRAIN_RUNS_START_FROM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/warnings.h"

namespace lenslet {

// A layer with parameters.
struct StartedLayer {
  std::string name;
  // The numbers of its parameters, and those that were taken.
  int64_t numbers = 0;
  int64_t taken = 0;
  // Why some were not: "weight has shape [5, 84] there and [10, 84] here".
  std::string reason = {};
};

// Copies the parameters that have the same name and shape in the checkpoint
// (CopyMatchingParameters()). Returns all layers with parameters, in the order
// of the graph.
std::vector<StartedLayer> StartFrom(const CheckpointProto& checkpoint,
                                    const Graph& graph, Parameters& parameters);

// The error of a checkpoint of which nothing was taken. `path` is its own.
absl::Status NothingTaken(absl::string_view path);

// "took 2 of 3 layers (conv1, conv2), 1,234 of 2,345 numbers; left fc: weight
// has shape [5, 84] there and [10, 84] here"
std::string StartText(const std::vector<StartedLayer>& layers);

// Of less than half of the numbers. `path` is the checkpoint's.
std::optional<TrainingWarning> WarnOfLittleStart(
    const std::vector<StartedLayer>& layers, absl::string_view path);

// What a run that starts so warns of: WarnOfLittleStart(), and a last layer
// that was taken from `checkpoint` and trained for other classes than
// `class_names` (WarnOfOtherClasses(), train/warnings.h).
std::vector<TrainingWarning> StartWarnings(
    const CheckpointProto& checkpoint, const std::vector<StartedLayer>& layers,
    absl::string_view path, absl::Span<const std::string> class_names);

// Has `data` normalize as the checkpoint's parameters were trained:
// `normalization {}` becomes the checkpoint's. Errors: InvalidArgument, if the
// one has a normalization and the other has none, or if the checkpoint's does
// not fit `input`, the model's input; numbers that the recipe states stay.
absl::Status TakeNormalization(const CheckpointProto& checkpoint,
                               const Shape& input, DataProto& data);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_START_FROM_H_
