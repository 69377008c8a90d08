// Looks at a network during training: at its answers to some training examples,
// and at units that are never active.

#ifndef LENSLET_TRAIN_HEALTH_CHECK_H_
#define LENSLET_TRAIN_HEALTH_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet {

struct Health {
  int64_t examples = 0;  // That were looked at.
  // Of targets that are a class: how many classes these examples have, and the
  // class that all are predicted to be. Absent if the predictions differ, or if
  // the examples are all of one class.
  int64_t classes = 0;
  std::optional<int32_t> only_answer = std::nullopt;
  // The rectifiers (relu) whose outputs are 0 for all examples.
  std::vector<std::string> dead_layers = {};
};

// Looks at the same few examples each time. Thread-compatible.
class HealthCheck {
 public:
  // Chooses at most kExamples examples: of each class as evenly as those that
  // it looks at allow. Does not depend on anything but the data set. Errors:
  // those of reading targets.
  static absl::StatusOr<HealthCheck> Create(const Dataset& dataset);

  // Runs the network on them, in inference. Takes about as long as evaluating
  // kExamples examples. Errors: those of reading the examples and of
  // Executor::Create().
  absl::StatusOr<Health> Check(const Graph& graph, const Parameters& parameters,
                               const Dataset& dataset) const;

  // The indices of the examples.
  const std::vector<int64_t>& examples() const { return examples_; }

  static constexpr int64_t kExamples = 64;

 private:
  std::vector<int64_t> examples_;
  int64_t classes_ = 0;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_HEALTH_CHECK_H_
