// Imports networks that PyTorch exported, compares their outputs with
// PyTorch's, trains them further, and compares the losses:
//
//   torch_networks FOLDER
//
// FOLDER has what torch_networks.py wrote. Prints a line for each network with
// the largest differences. The exit code is 1 if one is too large.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/npy.h"
#include "lenslet/onnx/load.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

// Of the largest score, or of 1 if that is less.
constexpr double kScoreTolerance = 1e-5;
// Of losses near 2.3.
constexpr double kLossTolerance = 1e-5;
// Where two roundings fall on either side of a rectifier's or a maximum's kink,
// the gradients differ, and batch normalizations amplify that from step to
// step: losses in float32 and in float64 part after some steps. So do ours.
// These steps must agree all the same; later ones, to so many times the
// difference between PyTorch's own.
constexpr size_t kSureSteps = 3;
constexpr double kTimesOwn = 10;

absl::StatusOr<std::vector<double>> ReadNumbers(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::vector<double> numbers;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    double number;
    if (!absl::SimpleAtod(line, &number)) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", line));
    }
    numbers.push_back(number);
  }
  return numbers;
}

// The largest difference of the network's scores, relative to the largest.
absl::StatusOr<double> ScoreDifference(const TrainedNetwork& network,
                                       const Dataset& dataset,
                                       const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(network.graph, network.parameters, {}));
  LENSLET_ASSIGN_OR_RETURN(const Tensor outputs, evaluator->Outputs(dataset));
  std::vector<float> scores(outputs.shape().elements());
  if (bytes.size() != scores.size() * sizeof(float)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has ", bytes.size(), " bytes; expected ",
                     scores.size() * sizeof(float)));
  }
  std::memcpy(scores.data(), bytes.data(), bytes.size());
  double difference = 0;
  double largest = 1;
  for (size_t i = 0; i < scores.size(); ++i) {
    difference =
        std::max<double>(difference, std::abs(outputs.span()[i] - scores[i]));
    largest = std::max<double>(largest, std::abs(scores[i]));
  }
  return difference / largest;
}

struct LossDifferences {
  double sure = 0;  // Of the first kSureSteps.
  double all = 0;
  double own = 0;  // Between PyTorch's in float32 and float64.

  bool AreSmall() const {
    return sure <= kLossTolerance &&
           all <= std::max(kLossTolerance, kTimesOwn * own);
  }
};

// The largest differences. Trains the parameters.
absl::StatusOr<LossDifferences> CompareLosses(TrainedNetwork& network,
                                              const Dataset& dataset,
                                              const std::string& folder,
                                              const std::string& base) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<double> steps,
                           ReadNumbers(folder + "/steps"));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<double> losses,
                           ReadNumbers(base + ".losses"));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<double> losses64,
                           ReadNumbers(base + ".losses64"));
  if (steps.size() != 2 || losses.empty() || losses.size() != losses64.size()) {
    return absl::InvalidArgumentError(base + ": other numbers of lines");
  }
  const auto batch_size = static_cast<int64_t>(steps[1]);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Trainer> trainer,
      Trainer::Create(network.graph, dataset, network.parameters,
                      // A block is a batch, for batch normalizations.
                      {.batch_size = batch_size,
                       .schedule = {.base_rate = steps[0]},
                       .block = batch_size}));
  LossDifferences differences;
  std::vector<int64_t> batch(batch_size);
  std::iota(batch.begin(), batch.end(), 0);
  for (size_t i = 0; i < losses.size(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics, trainer->Step(batch));
    const double difference = std::abs(metrics.loss() - losses[i]);
    differences.all = std::max(differences.all, difference);
    if (i < kSureSteps) differences.sure = differences.all;
    differences.own =
        std::max(differences.own, std::abs(losses[i] - losses64[i]));
    for (int64_t& example : batch) example += batch_size;
  }
  return differences;
}

// Returns whether all differences are small.
absl::StatusOr<bool> Compare(const std::string& folder,
                             const std::string& name) {
  const std::string base = absl::StrCat(folder, "/", name);
  LENSLET_ASSIGN_OR_RETURN(
      const TrainedNetwork exported,
      LoadTrainedNetwork(base + ".onnx", LoadCheckpointOrOnnx));
  LENSLET_ASSIGN_OR_RETURN(
      TrainedNetwork for_training,
      LoadTrainedNetwork(base + ".training.onnx", LoadCheckpointOrOnnx));
  LENSLET_ASSIGN_OR_RETURN(
      const Dataset dataset,
      LoadNpy(base + ".images.npy", base + ".classes.npy"));
  const std::string scores = base + ".scores";
  LENSLET_ASSIGN_OR_RETURN(const double folded,
                           ScoreDifference(exported, dataset, scores));
  LENSLET_ASSIGN_OR_RETURN(const double unfolded,
                           ScoreDifference(for_training, dataset, scores));
  LENSLET_ASSIGN_OR_RETURN(const LossDifferences losses,
                           CompareLosses(for_training, dataset, folder, base));
  const bool agrees = folded <= kScoreTolerance &&
                      unfolded <= kScoreTolerance && losses.AreSmall();
  std::printf(
      "%s: scores differ by %.1e, with batch normalizations as nodes by %.1e; "
      "losses by %.1e in %d steps, by %.1e in all (PyTorch's in float32 and "
      "float64: by %.1e)%s\n",
      name.c_str(), folded, unfolded, losses.sure, static_cast<int>(kSureSteps),
      losses.all, losses.own, agrees ? "" : ": TOO MUCH");
  return agrees;
}

absl::StatusOr<bool> CompareAll(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".scores") {
      names.push_back(entry.path().stem());
    }
  }
  if (names.empty()) return absl::NotFoundError(folder + " has no networks");
  std::sort(names.begin(), names.end());
  bool all_agree = true;
  for (const std::string& name : names) {
    LENSLET_ASSIGN_OR_RETURN(const bool agrees, Compare(folder, name));
    all_agree = all_agree && agrees;
  }
  return all_agree;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: torch_networks FOLDER\n");
    return 2;
  }
  const absl::StatusOr<bool> agree = lenslet::CompareAll(argv[1]);
  if (agree.ok()) return *agree ? 0 : 1;
  std::fprintf(stderr, "torch_networks: %s\n",
               std::string(agree.status().message()).c_str());
  return 1;
}
