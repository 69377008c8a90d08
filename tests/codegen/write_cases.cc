// Writes networks as C files, for compilers to build and CPUs to run
// (.ci/check_c):
//
//   write_cases FOLDER RANDOM_NETWORKS
//
// The networks are those of the zoo, random ones and such of a single layer,
// with random parameters.
// Each has a folder with net.h and net.c. Before writing it, compares the
// portable evaluator with the reference backend. Small networks whose first
// layers can run row by row have a folder rows-NAME as well, and LeNet has
// apart-lenet with net.weights, and class-lenet and class-rows-lenet, which
// return only the class.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
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

// Networks whose layers run row by row, one after the other.
constexpr const char* kLines[] = {
    R"(input { name: "x" shape: [40, 3] }
       layer { name: "a" conv1d { kernel: 5 dilation: 2 output_channels: 6 } }
       layer { name: "b" relu {} }
       layer { name: "c" max_pool1d { kernel: 3 stride: 2 padding: 1 } }
       layer { name: "d" conv1d { kernel: 3 padding: 2 output_channels: 9 } }
       layer { name: "e" sigmoid {} }
       layer { name: "f" flatten {} }
       layer { name: "g" linear { output_features: 3 } })",
    R"(input { name: "x" shape: [19, 13, 2] }
       layer { name: "a" conv2d { kernel: 3 stride: 2 padding: 1
                                  output_channels: 5 } }
       layer { name: "b" batch_norm {} }
       layer { name: "c" silu {} }
       layer { name: "d" conv2d { kernel: 3 padding: 3 groups: 5
                                  output_channels: 5 } }
       layer { name: "e" conv2d { kernel: [4, 2] dilation: [2, 1]
                                  output_channels: 12 } }
       layer { name: "f" tanh {} }
       layer { name: "g" avg_pool2d { kernel: 2 } }
       layer { name: "g2" batch_norm {} }
       layer { name: "h" max_pool2d { kernel: 2 stride: 1 } }
       layer { name: "i" conv2d { kernel: 1 output_channels: 3 } }
       layer { name: "j" relu {} })",
    R"(input { name: "x" shape: [17, 16, 4] }
       layer { name: "a" avg_pool2d { kernel: 3 stride: 2 padding: 1
                                      count_padding: false } }
       layer { name: "b" conv2d { kernel: 2 groups: 2 output_channels: 6 } }
       layer { name: "b2" max_pool2d { kernel: 2 } }
       layer { name: "norm" batch_norm {} }
       layer { name: "c" gelu {} }
       layer { name: "d" conv2d { kernel: 3 padding: 1 output_channels: 8 } }
       layer { name: "e" input: "c" input: "d" concat {} }
       layer { name: "f" global_avg_pool {} })",
};

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

absl::Status WriteFiles(const std::string& folder, const CFiles& files) {
  std::filesystem::create_directories(folder);
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(folder, "/net.h"), files.header));
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(folder, "/net.c"), files.source));
  if (files.weights.empty()) return absl::OkStatus();
  return WriteFileAtomically(absl::StrCat(folder, "/net.weights"),
                             files.weights);
}

// A folder for each way to write the network.
struct CaseOptions {
  const char* prefix;
  COptions options;
};
constexpr CaseOptions kPlain[] = {{"", {}}};
constexpr CaseOptions kSmall[] = {{"", {}}, {"rows-", {.rows = true}}};
constexpr CaseOptions kAll[] = {
    {"", {}},
    {"rows-", {.rows = true}},
    {"class-", {.class_only = true}},
    {"class-rows-", {.rows = true, .class_only = true}},
    {"apart-", {.weights_apart = true}},
};

// Returns the difference of the evaluator from the reference backend.
absl::StatusOr<double> WriteCase(const std::string& folder,
                                 const std::string& name,
                                 absl::Span<const CaseOptions> ways,
                                 const ModelProto& model, Random& random) {
  LENSLET_ASSIGN_OR_RETURN(const RandomCase made,
                           MakeRandomCase(model, kImages, random));
  LENSLET_ASSIGN_OR_RETURN(Program program, MakeProgram(made.network));
  program.classes = program.values[program.output].shape.rank() == 1;
  LENSLET_ASSIGN_OR_RETURN(
      const std::vector<float> scores,
      Evaluate(program, absl::Span<const float>(made.images)));
  LENSLET_ASSIGN_OR_RETURN(const Certificate certificate,
                           Certify(made.network, program));
  for (const auto& [prefix, options] : ways) {
    const absl::StatusOr<CFiles> files =
        WriteC(program, certificate, "net", options);
    const int rank = program.input.rank();
    if (options.rows && rank != 2 && rank != 3) {
      if (files.status().code() != absl::StatusCode::kInvalidArgument) {
        return absl::InternalError("a program without rows runs by rows");
      }
      continue;
    }
    if (!files.ok()) return files.status();
    LENSLET_RETURN_IF_ERROR(
        WriteFiles(absl::StrCat(folder, "/", prefix, name), *files));
  }
  return Difference(scores, made.outputs);
}

// Returns the number of failures.
int WriteAll(const std::string& folder, int64_t random_networks) {
  Random random(1);
  int failures = 0;
  double worst = 0;
  const auto write = [&](const std::string& name,
                         absl::Span<const CaseOptions> ways,
                         const ModelText& text) {
    if (text.model.input_size() != 1) return;
    const absl::StatusOr<double> difference =
        WriteCase(folder, name, ways, text.model, random);
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
    const absl::Span<const CaseOptions> ways =
        name == "lenet" ? absl::MakeConstSpan(kAll) : kPlain;
    write(name, ways, *LoadModel(name));
  }
  const std::vector<std::string> layers = LayerModels();
  for (size_t i = 0; i < layers.size(); ++i) {
    write(absl::StrCat("layer-", i), kSmall,
          *ParseModelText(layers[i], "layer"));
  }
  for (size_t i = 0; i < std::size(kLines); ++i) {
    write(absl::StrCat("line-", i), kSmall, *ParseModelText(kLines[i], "line"));
  }
  for (int64_t i = 0; i < random_networks; ++i) {
    write(absl::StrCat("random-", i), kSmall,
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
