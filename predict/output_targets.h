// What the outputs of a trained network mean.

#ifndef LENSLET_PREDICT_OUTPUT_TARGETS_H_
#define LENSLET_PREDICT_OUTPUT_TARGETS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/layers/graph.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

struct OutputTargets {
  TargetKind kind = TargetKind::kClasses;
  // The names of the classes, in the order of the scores; of the labels or
  // values, in the order of the outputs. Labels, values and the classes of a
  // map need no names.
  std::vector<std::string> names = {};
};

// Checks that the graph has one input, and that the targets fit its output: a
// score for each class, at one or more positions, or a number for each name.
// Errors: InvalidArgument, stating the shape; for a name that is not UTF-8.
absl::Status CheckOutputTargets(const Graph& graph,
                                const OutputTargets& targets);

OutputTargets TargetsFromCheckpoint(const CheckpointProto& checkpoint);
void TargetsToCheckpoint(const OutputTargets& targets,
                         CheckpointProto& checkpoint);

}  // namespace lenslet

#endif  // LENSLET_PREDICT_OUTPUT_TARGETS_H_
