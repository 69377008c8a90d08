// Measures how long a network takes for one image, on each backend: from the
// image's bytes to the scores, in one thread.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/initializer.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "latency";

// The first is what the others are compared with.
constexpr std::array kMeasured = {Backend::kXnnpack, Backend::kDirect,
                                  Backend::kLanes};
// Images that one backend computes before it is the next one's turn.
constexpr int kTurn = 20;

// Images of random bytes, one after the other.
struct Images {
  int64_t bytes;  // Of one.
  std::vector<uint8_t> all;

  absl::Span<const uint8_t> image(int64_t i) const {
    const int64_t count = static_cast<int64_t>(all.size()) / bytes;
    return absl::MakeConstSpan(all).subspan(i % count * bytes, bytes);
  }
};

Images RandomImages(int64_t bytes) {
  constexpr int kCount = 100;
  Images images = {.bytes = bytes, .all = std::vector<uint8_t>(kCount * bytes)};
  Random random(/*seed=*/1);
  for (uint8_t& byte : images.all) {
    byte = static_cast<uint8_t>(random.Bits());
  }
  return images;
}

double Quantile(std::vector<double> values, double share) {
  const auto at =
      values.begin() + static_cast<int64_t>(share * (values.size() - 1) + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// An executor and what was measured with it, in microseconds.
struct Run {
  Backend backend;
  std::unique_ptr<Executor> executor;
  std::vector<double> image = {};
  std::vector<std::vector<double>> layers = {};
};

absl::StatusOr<std::vector<Run>> MakeRuns(const FoldedNetwork& network,
                                          bool measure_time) {
  std::vector<Run> runs;
  for (const Backend backend : kMeasured) {
    LENSLET_ASSIGN_OR_RETURN(
        std::unique_ptr<Executor> executor,
        Executor::Create(
            network.graph, network.parameters,
            {.backend = backend, .images = 1, .measure_time = measure_time}));
    runs.push_back({.backend = backend, .executor = std::move(executor)});
    runs.back().layers.resize(network.graph.nodes().size());
  }
  return runs;
}

// Computes image after image on one backend after the other, so that a machine
// that slows down slows all down. Calls body(run, bytes) for each.
template <typename Body>
void ForEachImage(const Images& images, int64_t repeats, std::vector<Run>& runs,
                  Body body) {
  for (int64_t done = 0; done < repeats; done += kTurn) {
    for (Run& run : runs) {
      // What the turn before has left in the caches is not to be measured.
      for (int i = -2; i < kTurn; ++i) {
        body(run, images.image(done + std::max(i, 0)), i >= 0);
      }
    }
  }
}

void MeasureImages(const Images& images, int64_t repeats,
                   std::vector<Run>& runs) {
  using Clock = std::chrono::steady_clock;
  ForEachImage(
      images, repeats, runs,
      [](Run& run, absl::Span<const uint8_t> bytes, bool count) {
        const Clock::time_point start = Clock::now();
        ScalePixels(bytes, run.executor->input().data());
        run.executor->Forward(1);
        const Clock::time_point end = Clock::now();
        if (!count) return;
        run.image.push_back(
            std::chrono::duration<double, std::micro>(end - start).count());
      });
}

void MeasureLayers(const Images& images, int64_t repeats,
                   std::vector<Run>& runs) {
  ForEachImage(images, repeats, runs,
               [](Run& run, absl::Span<const uint8_t> bytes, bool count) {
                 Executor& executor = *run.executor;
                 std::vector<double> before;
                 for (int i = 0; i < executor.layer_count(); ++i) {
                   before.push_back(executor.ForwardSeconds(i));
                 }
                 ScalePixels(bytes, executor.input().data());
                 executor.Forward(1);
                 if (!count) return;
                 for (int i = 0; i < executor.layer_count(); ++i) {
                   run.layers[i].push_back(
                       1e6 * (executor.ForwardSeconds(i) - before[i]));
                 }
               });
}

void PrintImages(const std::vector<Run>& runs) {
  std::printf("\nmicroseconds for an image, from bytes to scores\n");
  std::printf("backend         p50      p99   p50 to xnnpack's\n");
  const double base = Quantile(runs[0].image, 0.5);
  for (const Run& run : runs) {
    const double p50 = Quantile(run.image, 0.5);
    std::printf("%-10s %8.2f %8.2f   %.3f\n",
                std::string(Name(run.backend)).c_str(), p50,
                Quantile(run.image, 0.99), p50 / base);
  }
}

// An activation that the kernel before it computes takes no time of its own.
void PrintLayers(const Graph& graph, const std::vector<Run>& runs) {
  std::printf("\np50 of each layer, with some 0.05 for the clock\n%-12s",
              "layer");
  for (const Run& run : runs) {
    std::printf(" %10s", std::string(Name(run.backend)).c_str());
  }
  std::printf("\n");
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    std::printf("%-12s", graph.nodes()[i].name.c_str());
    for (const Run& run : runs) {
      const Backend used = run.executor->BackendOfLayer(static_cast<int>(i));
      std::printf(" %10.2f%s", Quantile(run.layers[i], 0.5),
                  used == run.backend ? "" : "*");
    }
    std::printf("\n");
  }
}

absl::Status Benchmark(const std::string& model, int64_t repeats) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           LoadModel(model, UserFolder()));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(text));
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model has ", graph.inputs().size(), " inputs; expected 1"));
  }
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  InitializeParameters(Initializer(), /*seed=*/0, parameters);
  // As Predictor does.
  LENSLET_ASSIGN_OR_RETURN(const FoldedNetwork folded,
                           FoldBatchNorm(graph, parameters));
  const Images images = RandomImages(graph.inputs()[0].shape.elements());
  LENSLET_ASSIGN_OR_RETURN(std::vector<Run> runs,
                           MakeRuns(folded, /*measure_time=*/false));
  MeasureImages(images, repeats, runs);
  PrintImages(runs);
  LENSLET_ASSIGN_OR_RETURN(runs, MakeRuns(folded, /*measure_time=*/true));
  MeasureLayers(images, repeats, runs);
  PrintLayers(folded.graph, runs);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  std::string model = "lenet";
  int64_t repeats = 20000;
  CommandLine line(
      kProgram,
      "Runs a network on single images of random bytes, on one "
      "backend after the other,\nand prints how long an image and "
      "each of its layers take. Batch normalizations\nafter "
      "convolutions are folded, as a predictor does.\nA star marks "
      "a layer that the backend lacks and reference computes.");
  line.AddFlag("model", "The network: a name or a model file.", model);
  line.AddFlag("repeats", "Images to measure with each backend.", repeats,
               {.min = 1});
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::Status status = Benchmark(model, repeats);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
