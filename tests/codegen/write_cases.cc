// Writes networks as C files, for compilers to build and CPUs to run
// (.ci/check_c):
//
//   write_cases FOLDER RANDOM_NETWORKS
//
// The networks are those of the zoo, random ones and such of a single layer,
// with random parameters.
// Each has a folder with net.h and net.c. Before writing it, compares the
// portable evaluator with the reference backend.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/codegen/certificate.h"
#include "lenslet/codegen/evaluate.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/write_c.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"
#include "lenslet/tests/layer_models.h"
#include "lenslet/tests/random_case.h"
#include "lenslet/tests/storm_models.h"

namespace lenslet {
namespace {

constexpr int64_t kImages = 3;

// The largest difference of two arrays, relative to the largest number.
double Difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 1e-30;
  double difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
    const double d = std::abs(static_cast<double>(a[i]) - b[i]);
    // Not a number is no agreement.
    if (!(d <= difference)) difference = d;
  }
  return difference / largest;
}

// Returns the difference of the evaluator from the reference backend.
absl::StatusOr<double> WriteCase(const std::string& folder,
                                 const ModelProto& model, Random& random) {
  LENSLET_ASSIGN_OR_RETURN(const RandomCase made,
                           MakeRandomCase(model, kImages, random));
  LENSLET_ASSIGN_OR_RETURN(const Program program, MakeProgram(made.network));
  LENSLET_ASSIGN_OR_RETURN(
      const std::vector<float> scores,
      Evaluate(program, absl::Span<const float>(made.images)));
  LENSLET_ASSIGN_OR_RETURN(const Certificate certificate,
                           Certify(made.network, program));
  LENSLET_ASSIGN_OR_RETURN(const CFiles files,
                           WriteC(program, certificate, "net"));
  std::filesystem::create_directories(folder);
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(folder, "/net.h"), files.header));
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(folder, "/net.c"), files.source));
  return Difference(scores, made.outputs);
}

// Returns the number of failures.
int WriteAll(const std::string& folder, int64_t random_networks) {
  Random random(1);
  int failures = 0;
  double worst = 0;
  const auto write = [&](const std::string& name, const ModelText& text) {
    if (text.model.input_size() != 1) return;
    const absl::StatusOr<double> difference =
        WriteCase(absl::StrCat(folder, "/", name), text.model, random);
    if (!difference.ok()) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(),
                   std::string(difference.status().message()).c_str());
      ++failures;
      return;
    }
    worst = std::max(worst, *difference);
    if (!(*difference < 2e-5)) {
      std::fprintf(stderr, "%s: differs by %g\n", name.c_str(), *difference);
      ++failures;
    }
  };
  for (const std::string& name : ZooModelNames()) {
    write(name, *LoadModel(name));
  }
  const std::vector<std::string> layers = LayerModels();
  for (size_t i = 0; i < layers.size(); ++i) {
    write(absl::StrCat("layer-", i), *ParseModelText(layers[i], "layer"));
  }
  for (int64_t i = 0; i < random_networks; ++i) {
    write(absl::StrCat("random-", i),
          *ParseModelText(RandomModel(random), "random"));
  }
  std::printf("largest difference from the reference backend: %.2g\n", worst);
  return failures;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  int64_t random_networks = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[2], &random_networks)) {
    std::fprintf(stderr, "usage: write_cases FOLDER RANDOM_NETWORKS\n");
    return 2;
  }
  return lenslet::WriteAll(argv[1], random_networks) == 0 ? 0 : 1;
}
