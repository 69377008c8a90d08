// Imports models that other programs wrote, and writes them with inputs and
// what Lenslet computes for them, for compare.mjs:
//
//   import_cases FOLDER MODEL.onnx[:H,W,C]...
//
// A shape is that of the input, channels last, if the model leaves it open.
// Files are named after the model. The exit code is 1 if one cannot be
// imported.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/graph.h"
#include "lenslet/onnx/import.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/tests/onnx/case_files.h"

namespace lenslet {
namespace {

// What Lenslet leaves out at the end.
void Apply(OutputActivation activation, std::vector<float>& scores) {
  if (activation == OutputActivation::kNone) return;
  if (activation == OutputActivation::kSigmoid) {
    for (float& score : scores) {
      score = static_cast<float>(1 / (1 + std::exp(-double{score})));
    }
    return;
  }
  const float largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(double{score} - largest);
  for (float& score : scores) {
    score = static_cast<float>(std::exp(double{score} - largest) / sum);
  }
}

absl::Status WriteImportCase(const std::string& folder,
                             const std::string& argument) {
  const std::vector<std::string> parts = absl::StrSplit(argument, ':');
  // Both sides take the same numbers.
  OnnxImportOptions options = {.takes_bytes = false};
  if (parts.size() > 1) {
    for (const absl::string_view part : absl::StrSplit(parts[1], ',')) {
      int64_t size;
      if (!absl::SimpleAtoi(part, &size)) {
        return absl::InvalidArgumentError(absl::StrCat("no shape: ", parts[1]));
      }
      options.shape.push_back(size);
    }
  }
  const std::filesystem::path path = parts[0];
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  LENSLET_ASSIGN_OR_RETURN(OnnxImport import,
                           ImportOnnx(bytes, path.parent_path(), options));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(import.checkpoint));
  CaseArray input = {.shape = graph.inputs()[0].shape};
  CaseArray output = {.shape = graph.ShapeOfValue(graph.output_value())};
  Random random(1);
  input.numbers.resize(input.shape.elements());
  for (float& value : input.numbers) {
    value = static_cast<float>(2 * random.Uniform() - 1);
  }
  output.numbers.resize(output.shape.elements());
  import.checkpoint.set_target_kind(VALUES);
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Predictor> predictor,
                           Predictor::Create(import.checkpoint, {}));
  LENSLET_RETURN_IF_ERROR(predictor->Predict(absl::MakeConstSpan(input.numbers),
                                             absl::MakeSpan(output.numbers)));
  Apply(import.activation, output.numbers);
  return WriteCaseFiles(absl::StrCat(folder, "/", path.stem().string()), bytes,
                        input, output);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: import_cases FOLDER MODEL.onnx[:H,W,C]...\n");
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  int exit_code = 0;
  for (int i = 2; i < argc; ++i) {
    const absl::Status status = lenslet::WriteImportCase(argv[1], argv[i]);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s: %s\n", argv[i],
                 std::string(status.message()).c_str());
    exit_code = 1;
  }
  return exit_code;
}
