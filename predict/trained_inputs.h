// The form of the examples that a network was trained on.

#ifndef LENSLET_PREDICT_TRAINED_INPUTS_H_
#define LENSLET_PREDICT_TRAINED_INPUTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lenslet/data/dataset.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {

struct TrainedInputs {
  // uint8 or float32. Not known of networks that were not trained, and of
  // checkpoints of older programs.
  std::optional<ElementType> type = {};
  // The names of the columns of a table, in their order; empty for other data.
  std::vector<std::string> names = {};
  // Dataset::other_columns (data/dataset.h).
  std::vector<int64_t> other_columns = {};
};

TrainedInputs TrainedInputsOf(const Dataset& dataset);

// Checks that examples have the type of those of training, and their columns
// the same names in the same order. Passes what is not known. Errors:
// InvalidArgument, naming the first column that differs; the texts continue
// after the name of the data: "has ...".
absl::Status CheckTrainedInputs(const TrainedInputs& trained,
                                const Dataset& dataset);

TrainedInputs TrainedInputsFromCheckpoint(const CheckpointProto& checkpoint);
void TrainedInputsToCheckpoint(const TrainedInputs& inputs,
                               CheckpointProto& checkpoint);

}  // namespace lenslet

#endif  // LENSLET_PREDICT_TRAINED_INPUTS_H_
