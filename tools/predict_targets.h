// What lenslet predict says of examples whose targets are not one class.

#ifndef LENSLET_TOOLS_PREDICT_TARGETS_H_
#define LENSLET_TOOLS_PREDICT_TARGETS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// For example `index` of the data set, where `outputs`, float32 [N, ...], are
// the network's for the N examples from `first` on. `split` names the set.
// Errors: those of reading the targets.

// The example as a picture, if its inputs are bytes of one, and a table: of
// labels, whether each applies and its probability; of values, the true and the
// predicted number. Of more than 40 values, the mean absolute error; of classes
// of positions, how many are right.
absl::StatusOr<std::string> TargetsText(const Dataset& dataset, int64_t index,
                                        const Tensor& outputs, int64_t first,
                                        const std::string& split);

// The same as an object:
//   {"test_example": 3, "labels": [{"label": "sea", "applies": true,
//                                   "probability": 0.93}, ...]}
//   {"test_example": 3, "mean_absolute_error": 1.5,
//    "values": [{"value": "price", "true": 20, "predicted": 21.5}, ...]}
//   {"test_example": 3, "positions": 784, "correct": 700}
absl::StatusOr<nlohmann::ordered_json> TargetsJson(const Dataset& dataset,
                                                   int64_t index,
                                                   const Tensor& outputs,
                                                   int64_t first,
                                                   const std::string& split);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PREDICT_TARGETS_H_
