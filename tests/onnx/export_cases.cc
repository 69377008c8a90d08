// Writes networks as ONNX models, each with inputs and what Lenslet computes
// for them, for other runtimes to compare (compare.mjs):
//
//   export_cases FOLDER RANDOM_NETWORKS
//
// The networks are those of the zoo, random ones and such of a single layer,
// with random parameters.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"
#include "lenslet/onnx/export.h"
#include "lenslet/tests/layer_models.h"
#include "lenslet/tests/onnx/case_files.h"
#include "lenslet/tests/random_case.h"
#include "lenslet/tests/storm_models.h"

namespace lenslet {
namespace {

constexpr int64_t kImages = 3;

absl::Status WriteCase(const std::string& path, const ModelProto& model,
                       const OnnxExportOptions& options, Random& random) {
  if (model.input_size() != 1) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(const RandomCase made,
                           MakeRandomCase(model, kImages, random));
  LENSLET_ASSIGN_OR_RETURN(const std::string onnx,
                           ExportOnnx(made.network, options));
  return WriteCaseFiles(
      path, onnx,
      {.count = kImages, .shape = made.input(), .numbers = made.images},
      {.count = kImages, .shape = made.output(), .numbers = made.outputs});
}

absl::Status WriteLayers(const std::string& folder, Random& random) {
  const std::vector<std::string> layers = LayerModels();
  for (size_t i = 0; i < layers.size(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(const ModelText model,
                             ParseModelText(layers[i], "layer"));
    for (const int opset : {7, 10, 11, 13, 14, 17, 18, 21}) {
      const absl::Status status =
          WriteCase(absl::StrCat(folder, "/layer-", i, "-", opset), model.model,
                    {.opset = opset, .normalize = false}, random);
      if (!status.ok() && !absl::IsUnimplemented(status)) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status WriteAll(const std::string& folder, int64_t random_networks) {
  Random random(1);
  for (const std::string& name : ZooModelNames()) {
    LENSLET_ASSIGN_OR_RETURN(const ModelText text, LoadModel(name));
    for (const bool fold : {false, true}) {
      const std::string path =
          absl::StrCat(folder, "/", name, fold ? "-folded" : "");
      const absl::Status status =
          WriteCase(path, text.model,
                    {.fold_batch_norm = fold, .normalize = false}, random);
      if (!status.ok())
        std::fprintf(stderr, "%s: %s\n", path.c_str(),
                     std::string(status.message()).c_str());
    }
  }
  LENSLET_RETURN_IF_ERROR(WriteLayers(folder, random));
  constexpr int kOpsets[] = {13, 7, 9, 10, 11, 18, 20, 21};
  for (int64_t i = 0; i < random_networks; ++i) {
    const std::string text = RandomModel(random);
    LENSLET_ASSIGN_OR_RETURN(const ModelText model,
                             ParseModelText(text, "random"));
    const int opset = kOpsets[i % std::size(kOpsets)];
    const std::string path = absl::StrCat(folder, "/random-", i);
    const absl::Status status = WriteCase(
        path, model.model, {.opset = opset, .normalize = false}, random);
    if (!status.ok())
      std::fprintf(stderr, "%s: %s\n", path.c_str(),
                   std::string(status.message()).c_str());
    if (!status.ok() && !absl::IsUnimplemented(status)) return status;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  int64_t random_networks;
  if (argc != 3 || !absl::SimpleAtoi(argv[2], &random_networks)) {
    std::fprintf(stderr, "usage: export_cases FOLDER RANDOM_NETWORKS\n");
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  const absl::Status status = lenslet::WriteAll(argv[1], random_networks);
  if (status.ok()) return 0;
  std::fprintf(stderr, "export_cases: %s\n",
               std::string(status.message()).c_str());
  return 1;
}
