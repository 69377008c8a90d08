// A checkpoint file: what is loaded is saved as the same, and predicts.

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/fuzz/small_graph.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void CheckScores(const std::vector<ClassScore>& scores, int classes) {
  LENSLET_CHECK(static_cast<int>(scores.size()) == classes);
  double sum = 0;
  for (const ClassScore& score : scores) {
    LENSLET_CHECK(score.class_index >= 0 && score.class_index < classes);
    sum += score.probability;
  }
  // Each is rounded once; parameters that are not finite make NaN.
  LENSLET_CHECK(std::isnan(sum) || std::abs(sum - 1) < 1e-4);
}

// Names in messages are as the file has them: who prints them takes care.
void CheckNamesError(const absl::Status& status) {
  LENSLET_CHECK(!status.message().empty());
}

void Predict(const CheckpointProto& checkpoint, Backend backend) {
  const absl::StatusOr<std::unique_ptr<Predictor>> predictor =
      Predictor::Create(checkpoint, {.backend = backend});
  if (!predictor.ok()) return CheckNamesError(predictor.status());
  Tensor image((*predictor)->image_shape(), ElementType::kUint8);
  uint8_t brightness = 0;
  for (uint8_t& element : image.span<uint8_t>()) element = brightness += 37;
  const int classes = checkpoint.class_name_size();
  const absl::StatusOr<std::vector<ClassScore>> scores =
      (*predictor)->Classify(image, classes);
  if (!scores.ok()) return CheckError(scores.status());
  CheckScores(*scores, classes);
}

void RunTarget(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const absl::StatusOr<CheckpointProto> checkpoint =
      LoadCheckpoint(file.path());
  if (!checkpoint.ok()) return CheckError(checkpoint.status());
  LENSLET_CHECK(IsCheckpoint(file.path()));
  const ScratchFolder folder;
  const std::string saved = absl::StrCat(folder.path(), "/", kLatestName);
  LENSLET_CHECK(SaveCheckpoint(saved, *checkpoint).ok());
  LENSLET_CHECK(LoadCheckpoint(folder.path())->SerializeAsString() ==
                checkpoint->SerializeAsString());
  const absl::StatusOr<Graph> graph = BuildGraph(checkpoint->model());
  if (graph.ok() && !IsSmall(*graph)) return;
  for (const Backend backend : {Backend::kDirect, Backend::kReference}) {
    Predict(*checkpoint, backend);
  }
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
