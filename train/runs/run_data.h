// The data sets of a training run.

#ifndef LENSLET_TRAIN_RUNS_RUN_DATA_H_
#define LENSLET_TRAIN_RUNS_RUN_DATA_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/load_data.h"
#include "lenslet/layers/graph.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

// Refers to data sets, which must outlive it and may not move.
struct RunData {
  // Any of `validation` and `test` may be null; the run then has none.
  RunData(std::string description, const Dataset& train,
          const Dataset* validation, const Dataset* test);
  // Not explicit: loaded data is the data of a run.
  RunData(const LoadedData& loaded);  // NOLINT

  std::string description;       // As in LoadedData.
  std::string test_description;  // As in LoadedData.
  const Dataset& train;
  const Dataset& validation;  // Has no examples if there is none.
  const Dataset& test;        // As above.
};

// Checks that the graph and the normalization fit the training examples
// (CheckFit()), and that the other sets have the same shapes, types, kind of
// targets, names and normalization. Errors: InvalidArgument, starting with
// "validation: " or "test: " if one of those is the reason.
absl::Status CheckRunData(const Graph& graph, const RunData& data);

// The digests of the examples (data/dataset_digest.h). Errors: those of reading
// the examples.
absl::StatusOr<DataDigestProto> DigestsOf(const RunData& data);

// Describes the data for a recipe, which cannot load it. `digests` are the
// data's; so are they below.
InMemoryProto DescribeInMemory(const RunData& data,
                               const DataDigestProto& digests);

// Checks that these are the examples that a run was trained and measured with,
// given its checkpoint. If that has no digests, checks only the number of
// training examples. Errors: FailedPrecondition, naming the sets that differ,
// or the names of classes if nothing else does; those of reading the examples.
absl::Status CheckSameExamples(const CheckpointProto& checkpoint,
                               const RunData& data,
                               const DataDigestProto& digests);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_RUN_DATA_H_
