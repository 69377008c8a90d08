// An ONNX model: what is imported computes, and survives another way out and
// in.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/fuzz/small_graph.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/onnx/export.h"
#include "lenslet/onnx/import.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/predictor.h"

namespace lenslet {
namespace {

// Each line is a problem.
void CheckProblems(const absl::Status& status) {
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    CheckError(absl::Status(status.code(), line));
  }
}

std::string Exported(const CheckpointProto& checkpoint, const Graph& graph,
                     Parameters parameters) {
  const TrainedNetwork network{.checkpoint = checkpoint,
                               .graph = graph,
                               .parameters = std::move(parameters)};
  const absl::StatusOr<std::string> bytes = ExportOnnx(network);
  if (!bytes.ok()) {
    CheckError(bytes.status());
    return "";
  }
  return *bytes;
}

void RunTarget(absl::string_view bytes) {
  const ScratchFolder folder;
  const absl::StatusOr<OnnxImport> import = ImportOnnx(bytes, folder.path());
  if (!import.ok()) return CheckProblems(import.status());
  const CheckpointProto& checkpoint = import->checkpoint;
  const absl::StatusOr<Graph> graph = GraphOf(checkpoint);
  LENSLET_CHECK(graph.ok());
  if (!IsSmall(*graph)) return;
  absl::StatusOr<Parameters> parameters = RestoreParameters(*graph, checkpoint);
  LENSLET_CHECK(parameters.ok());
  const absl::StatusOr<std::unique_ptr<Predictor>> predictor =
      Predictor::Create(*graph, *parameters, {.kind = TargetKind::kValues}, {});
  if (predictor.ok()) {
    const std::vector<float> image(graph->inputs()[0].shape.elements(), 0.5f);
    std::vector<float> outputs(
        graph->ShapeOfValue(graph->output_value()).elements());
    LENSLET_CHECK(
        (*predictor)
            ->Predict(absl::MakeConstSpan(image), absl::MakeSpan(outputs))
            .ok());
  }
  const std::string exported =
      Exported(checkpoint, *graph, *std::move(parameters));
  if (exported.empty()) return;
  const absl::StatusOr<OnnxImport> again = ImportOnnx(exported);
  if (!again.ok()) CheckProblems(again.status());
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
