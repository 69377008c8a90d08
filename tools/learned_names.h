// Matches the classes, labels and values of a data set with those of a model.

#ifndef LENSLET_TOOLS_LEARNED_NAMES_H_
#define LENSLET_TOOLS_LEARNED_NAMES_H_

#include "absl/status/status.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tools/checkpoint_data.h"

namespace lenslet {

// Makes sure that the data set has the classes, labels or values that the model
// has learned. Classes are found by their names, and the data set may lack
// some. If one of both has only indices for names, the data set gets the
// other's, unless these are other numbers, such as -1 and 1; if they are the
// model's, prints a warning. Values and labels may have no names. Errors:
// InvalidArgument, naming the first that differs; those of reading targets.
absl::Status UseLearnedNames(const CheckpointProto& checkpoint,
                             CheckpointData& data);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_LEARNED_NAMES_H_
