// Exports trained networks, each with what Lenslet computes for all test images
// of Fashion-MNIST, for other runtimes to compare (compare.mjs):
//
//   test_images FOLDER fast|exact|reference
//
// FOLDER has the checkpoints NAME.ckpt. Writes NAME.onnx, .input, .output and
// .shapes beside each. The word says how Lenslet computes: as it usually does,
// without Winograd's algorithm (`exact` of EvaluatorOptions), or in double.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/split.h"
#include "lenslet/onnx/export.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/train/evaluator.h"

namespace lenslet {
namespace {

std::string Bytes(absl::Span<const float> numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()),
                     numbers.size() * sizeof(float));
}

// The pixels as an exported network takes them. Of one channel, so that
// channels first and last are the same.
absl::StatusOr<std::string> Pixels(const Dataset& dataset) {
  std::vector<float> pixels;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(const Tensor image, dataset.Example(i));
    for (const uint8_t pixel : image.span<uint8_t>()) {
      pixels.push_back(static_cast<float>(pixel) / 255);
    }
  }
  return Bytes(pixels);
}

absl::StatusOr<EvaluatorOptions> OptionsFor(const std::string& word) {
  if (word == "fast") return EvaluatorOptions();
  if (word == "exact") return EvaluatorOptions{.exact = true};
  if (word == "reference") {
    return EvaluatorOptions{.backend = Backend::kReference};
  }
  return absl::InvalidArgumentError(
      absl::StrCat(word, ": expected fast, exact or reference"));
}

absl::Status WriteCase(const std::string& base, Dataset dataset,
                       const std::string& pixels,
                       const EvaluatorOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const TrainedNetwork network,
                           LoadTrainedNetwork(base + ".ckpt"));
  LENSLET_ASSIGN_OR_RETURN(const std::string onnx, ExportOnnx(network));
  dataset.normalization =
      NormalizationFromProto(network.checkpoint.normalization());
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(network.graph, network.parameters, options));
  LENSLET_ASSIGN_OR_RETURN(const Tensor scores, evaluator->Outputs(dataset));
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(base + ".onnx", onnx));
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(base + ".input", pixels));
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(base + ".output", Bytes(scores.span())));
  return WriteFileAtomically(
      base + ".shapes",
      absl::StrCat(dataset.size(), " 1 28 28\n", dataset.size(), " ",
                   scores.shape().elements() / dataset.size(), "\n"));
}

absl::Status WriteAll(const std::string& folder, const std::string& word,
                      const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const EvaluatorOptions options, OptionsFor(word));
  LENSLET_ASSIGN_OR_RETURN(const Dataset dataset,
                           LoadFashionMnist(argv0, Split::kTest));
  LENSLET_ASSIGN_OR_RETURN(const std::string pixels, Pixels(dataset));
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::filesystem::path path = entry.path();
    if (path.extension() != ".ckpt") continue;
    LENSLET_RETURN_IF_ERROR(
        WriteCase(path.replace_extension(), dataset, pixels, options));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: test_images FOLDER fast|exact|reference\n");
    return 2;
  }
  const absl::Status status = lenslet::WriteAll(argv[1], argv[2], argv[0]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "test_images: %s\n",
               std::string(status.message()).c_str());
  return 1;
}
