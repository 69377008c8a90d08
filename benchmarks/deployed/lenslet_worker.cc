// As worker.c, with a backend of Lenslet: prints the class of each image, as a
// line of digits. Then, for each line N at standard input, computes the scores
// of N images, one after the other, and prints how many nanoseconds that took.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "hwy/targets.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "lenslet_worker";

struct Options {
  std::string checkpoint;
  std::string images;
  std::string backend = "direct";
  std::string instruction_set;
  std::string write_parameters;
};

absl::Status WriteParameters(const Parameters& parameters,
                             const std::string& path) {
  std::string bytes;
  for (int i = 0; i < parameters.size(); ++i) {
    const absl::Span<const float> numbers = parameters.view(i).span();
    bytes.append(reinterpret_cast<const char*>(numbers.data()),
                 numbers.size() * sizeof(float));
  }
  return WriteFileAtomically(path, bytes);
}

absl::Status Work(const Options& options) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (options.instruction_set != hwy::TargetName(target)) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  LENSLET_ASSIGN_OR_RETURN(const TrainedNetwork network,
                           LoadTrainedNetwork(options.checkpoint));
  if (!options.write_parameters.empty()) {
    return WriteParameters(network.parameters, options.write_parameters);
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string images, ReadFile(options.images));
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Executor> executor,
      Executor::Create(
          network.graph, network.parameters,
          {.backend = options.backend == "xnnpack" ? Backend::kXnnpack
                                                   : Backend::kDirect,
           .images = 1}));
  const int64_t size = network.graph.inputs()[0].shape.elements();
  const int64_t count = static_cast<int64_t>(images.size()) / size;
  const auto scores_of = [&](int64_t i) {
    ScalePixels({reinterpret_cast<const uint8_t*>(images.data()) + i * size,
                 static_cast<size_t>(size)},
                executor->input().data());
    executor->Forward(1);
    return executor->output().span();
  };
  std::string classes;
  for (int64_t i = 0; i < count; ++i) {
    const auto scores = scores_of(i);
    absl::StrAppend(&classes, std::max_element(scores.begin(), scores.end()) -
                                  scores.begin());
  }
  std::printf("%s\n", classes.c_str());
  std::fflush(stdout);
  int64_t next = 0;
  for (int turn = 0; std::scanf("%d", &turn) == 1;) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < turn; ++i) {
      scores_of(next);
      next = (next + 1) % count;
    }
    const std::chrono::nanoseconds time =
        std::chrono::steady_clock::now() - start;
    std::printf("%lld\n", static_cast<long long>(time.count()));
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CommandLine line(kProgram,
                   "Computes single images in turn with other programs "
                   "(speed.py), or writes a checkpoint's parameters.");
  line.AddFlag("checkpoint", "The trained network.", options.checkpoint);
  line.AddFlag("images", "File with the images' bytes.", options.images);
  line.AddFlag("backend", "direct or xnnpack.", options.backend);
  line.AddFlag("instruction_set", "One that the CPU has, such as AVX2.",
               options.instruction_set);
  line.AddFlag("write_parameters", "File for the parameters, as floats.",
               options.write_parameters);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::Status status = Work(options);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
