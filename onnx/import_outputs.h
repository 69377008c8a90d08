// What tests compare of imported models.

#ifndef LENSLET_ONNX_IMPORT_OUTPUTS_H_
#define LENSLET_ONNX_IMPORT_OUTPUTS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/import.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/predictor.h"

namespace lenslet {

// The outputs of the imported model for one example, channels last.
inline std::vector<float> OutputsFor(const std::string& bytes,
                                     std::vector<float> example,
                                     const OnnxImportOptions& options = {}) {
  absl::StatusOr<OnnxImport> import = ImportOnnx(bytes, "", options);
  LENSLET_EXPECT_OK(import);
  if (!import.ok()) return {};
  absl::StatusOr<Graph> graph = GraphOf(import->checkpoint);
  LENSLET_EXPECT_OK(graph);
  import->checkpoint.set_target_kind(VALUES);
  absl::StatusOr<std::unique_ptr<Predictor>> predictor =
      Predictor::Create(import->checkpoint, {.backend = Backend::kReference});
  LENSLET_EXPECT_OK(predictor);
  if (!graph.ok() || !predictor.ok()) return {};
  std::vector<float> outputs(
      graph->ShapeOfValue(graph->output_value()).elements());
  LENSLET_EXPECT_OK(
      (*predictor)
          ->Predict(absl::MakeConstSpan(example), absl::MakeSpan(outputs)));
  return outputs;
}

// The names of the imported model's layers.
inline std::vector<std::string> LayerNames(const std::string& bytes) {
  absl::StatusOr<OnnxImport> import = ImportOnnx(bytes);
  LENSLET_EXPECT_OK(import);
  std::vector<std::string> names;
  if (!import.ok()) return names;
  for (const LayerProto& layer : import->checkpoint.model().layer()) {
    names.push_back(layer.name());
  }
  return names;
}

// The kinds of the layers, in order, after their names.
inline std::vector<std::string> LayerTypes(const std::string& bytes) {
  absl::StatusOr<OnnxImport> import = ImportOnnx(bytes);
  LENSLET_EXPECT_OK(import);
  std::vector<std::string> types;
  if (!import.ok()) return types;
  for (const LayerProto& layer : import->checkpoint.model().layer()) {
    types.push_back(
        layer.GetDescriptor()->FindFieldByNumber(layer.kind_case())->name());
  }
  return types;
}

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_OUTPUTS_H_
