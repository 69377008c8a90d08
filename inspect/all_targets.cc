#include "lenslet/inspect/all_targets.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples.h"

namespace lenslet {

absl::StatusOr<AllTargets> ReadAllTargets(const Dataset& dataset) {
  constexpr size_t kAtOnce = 1024;
  const std::vector<int64_t> indices = AllIndices(dataset.size());
  AllTargets targets;
  ExampleBatch batch;
  for (size_t first = 0; first < indices.size(); first += kAtOnce) {
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(
        *dataset.examples,
        absl::MakeConstSpan(indices).subspan(first, kAtOnce)));
    const absl::Span<const int32_t> classes = batch.classes();
    const absl::Span<const float> values = batch.values();
    targets.classes.insert(targets.classes.end(), classes.begin(),
                           classes.end());
    targets.values.insert(targets.values.end(), values.begin(), values.end());
  }
  return targets;
}

}  // namespace lenslet
