// Bytes as a NumPy file: of inputs, of targets of each kind, and of both. What
// is read has numbers for all that it says.

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/base/check.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/npy.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void LoadNpyWith(const std::string& path, const std::string& targets,
                 const NpyOptions& options) {
  const absl::StatusOr<Dataset> dataset = LoadNpy(path, targets, options);
  if (!dataset.ok()) return CheckError(dataset.status());
  LENSLET_CHECK(dataset->size() >= 1);
  // Reads all numbers.
  const Tensor inputs = dataset->Inputs().value();
  LENSLET_CHECK(inputs.shape().dim(0) == dataset->size());
  ExampleBatch batch;
  LENSLET_CHECK(
      batch.ReadTargets(*dataset->examples, AllIndices(dataset->size())).ok());
  for (const int32_t c : batch.classes()) {
    LENSLET_CHECK(c >= 0 && c < kMaxClasses);
  }
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const lenslet::MemoryFile file(lenslet::AsText(data, size));
  lenslet::LoadNpyWith(file.path(), "", {});
  lenslet::LoadNpyWith(file.path(), file.path(), {});
  for (const lenslet::TargetKind kind :
       {lenslet::TargetKind::kClasses, lenslet::TargetKind::kLabels,
        lenslet::TargetKind::kValues}) {
    lenslet::LoadNpyWith(file.path(), file.path(), {.kind = kind});
  }
  return 0;
}
