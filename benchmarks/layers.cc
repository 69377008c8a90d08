// Measures how long single layers take on each backend, forward, compared with
// XNNPACK: what layers/fastest_backend.h chooses by.

#include "lenslet/layers/layers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/initializer.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "layers";

// The first is what the others are compared with.
constexpr std::array kMeasured = {Backend::kXnnpack, Backend::kDirect,
                                  Backend::kLanes};

struct Case {
  std::string name;
  Layer layer;
  Shape image;
  int inputs = 1;
};

// A convolution of a square of `size`, whose output is as large but for the
// stride.
Case Conv(int64_t size, int64_t in, int64_t out, int64_t kernel,
          int64_t stride = 1, int64_t groups = 1) {
  const char* kind = groups == 1    ? ""
                     : groups == in ? "depthwise "
                                    : "grouped ";
  std::string name =
      absl::StrFormat("%sconvolution %d x %d, stride %d, %d to %d channels",
                      kind, kernel, kernel, stride, in, out);
  if (groups > 1 && groups < in) {
    absl::StrAppendFormat(&name, ", %d groups", groups);
  }
  const int64_t padding = kernel / 2;
  return {std::move(name),
          layers::Conv2d({.output_channels = out,
                          .window = {.kernel = {kernel, kernel},
                                     .stride = {stride, stride},
                                     .padding = {padding, padding}},
                          .groups = groups}),
          Shape({size, size, in})};
}

Case Depthwise(int64_t size, int64_t channels, int64_t kernel,
               int64_t stride = 1) {
  return Conv(size, channels, channels, kernel, stride, channels);
}

Case Pool(const char* name, PoolKind kind, int64_t size, int64_t channels) {
  return {absl::StrFormat("%s pooling 2 x 2, %d channels", name, channels),
          Layer(PoolLayer{2, {.kind = kind, .window = {.kernel = {2, 2}}}}),
          Shape({size, size, channels})};
}

Case Linear(int64_t in, int64_t out) {
  return {absl::StrFormat("linear, %d to %d", in, out),
          layers::Linear({.output_features = out}), Shape({in})};
}

std::vector<Case> Cases() {
  return {
      Depthwise(32, 8, 3),
      Depthwise(32, 24, 3),
      Depthwise(28, 32, 3, 2),
      Depthwise(28, 64, 3),
      Depthwise(16, 96, 3, 2),
      Depthwise(14, 128, 3),
      Depthwise(14, 128, 3, 2),
      Depthwise(7, 256, 3),
      Depthwise(32, 16, 5),
      Depthwise(14, 128, 5),
      Depthwise(14, 128, 5, 2),
      Depthwise(7, 40, 5),
      // As in models/mobile.textproto and its like.
      Depthwise(28, 16, 3),
      Depthwise(28, 16, 3, 2),
      Depthwise(28, 32, 3),
      Depthwise(14, 16, 3),
      Depthwise(14, 24, 3),
      Depthwise(14, 32, 3),
      Depthwise(14, 32, 3, 2),
      Depthwise(14, 48, 3),
      Depthwise(14, 64, 3),
      Depthwise(14, 64, 3, 2),
      Depthwise(7, 64, 3),
      Depthwise(7, 64, 3, 2),
      Depthwise(7, 96, 3),
      Depthwise(7, 128, 3),
      Depthwise(7, 128, 3, 2),
      Depthwise(4, 128, 3),
      Depthwise(4, 64, 3),
      Conv(28, 1, 16, 3),
      Conv(28, 1, 16, 3, 2),
      Conv(28, 16, 16, 1),
      Conv(28, 32, 32, 1),
      Conv(14, 16, 32, 1),
      Conv(14, 24, 48, 1),
      Conv(14, 32, 64, 1),
      Conv(14, 64, 64, 1),
      Conv(7, 64, 96, 1),
      Conv(7, 64, 128, 1),
      Conv(7, 96, 96, 1),
      Conv(7, 128, 128, 1),
      Conv(4, 128, 128, 1),
      Conv(14, 64, 64, 3, 1, 2),
      Conv(14, 64, 64, 3, 1, 4),
      Conv(14, 64, 64, 3, 1, 16),
      Conv(14, 64, 64, 1, 1, 4),
      Conv(14, 32, 64, 3, 1, 32),
      Conv(28, 16, 32, 1),
      Conv(28, 32, 16, 1),
      Conv(28, 24, 8, 1),
      Conv(14, 64, 128, 1),
      Conv(7, 256, 256, 1),
      Conv(28, 1, 6, 5),
      Conv(14, 6, 16, 5),
      Conv(32, 3, 16, 3),
      Conv(28, 8, 8, 3),
      Conv(28, 3, 8, 3, 2),
      Conv(14, 32, 32, 3),
      Conv(28, 32, 64, 3, 2),
      Conv(7, 128, 128, 3),
      {"transposed convolution 3 x 3, stride 2, 16 to 8 channels",
       layers::ConvTranspose2d(
           {.output_channels = 8,
            .window = {.kernel = {3, 3}, .stride = {2, 2}}}),
       Shape({14, 14, 16})},
      Linear(400, 120),
      Linear(84, 10),
      Linear(256, 10),
      Linear(1024, 512),
      Pool("maximum", PoolKind::kMax, 28, 16),
      Pool("average", PoolKind::kAverage, 28, 6),
      {"global average pooling, 256 channels", layers::GlobalAvgPool(),
       Shape({7, 7, 256})},
      {"sigmoid, 64 channels", layers::Sigmoid(), Shape({14, 14, 64})},
      {"element-wise sum, 64 channels", layers::Add(), Shape({14, 14, 64}),
       /*inputs=*/2},
  };
}

struct Run {
  std::unique_ptr<Executor> executor;  // Null if the backend lacks the layer.
  int repeats = 1;
  std::vector<double> seconds;  // Of each turn, for a block.
};

double Median(std::vector<double> numbers) {
  const auto middle = numbers.begin() + numbers.size() / 2;
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

double SecondsOf(Run& run, int64_t images, int repeats) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < repeats; ++i) run.executor->Forward(images);
  return SecondsSince(start) / repeats;
}

absl::StatusOr<Run> MakeRun(const Graph& graph, const Parameters& parameters,
                            Backend backend, int64_t images) {
  Run run;
  LENSLET_ASSIGN_OR_RETURN(
      run.executor, Executor::Create(graph, parameters,
                                     {.backend = backend,
                                      .images = images,
                                      .layout = backend == Backend::kLanes
                                                    ? Layout::kLanes
                                                    : Layout::kImages}));
  if (run.executor->BackendOfLayer(0) != backend) return Run();
  Random random(/*seed=*/0);
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    FillUniform(-1, 1, random, run.executor->input(i).span());
  }
  // Some 100 us at a time: longer than the clock's errors, and shorter than
  // what other programs leave a CPU for.
  const double first = SecondsOf(run, images, 3);
  run.repeats = static_cast<int>(std::max(1.0, 1e-4 / first));
  return run;
}

absl::Status Measure(const Case& c, int64_t images, int64_t turns) {
  GraphBuilder builder;
  std::vector<std::string> inputs;
  for (int i = 0; i < c.inputs; ++i) {
    inputs.push_back(absl::StrFormat("input%d", i));
    builder.AddInput(inputs.back(), c.image);
  }
  builder.AddLayer("layer", c.layer, inputs);
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, builder.Build());
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  InitializeParameters(Initializer(), /*seed=*/0, parameters);
  std::vector<Run> runs;
  for (const Backend backend : kMeasured) {
    LENSLET_ASSIGN_OR_RETURN(Run run,
                             MakeRun(graph, parameters, backend, images));
    runs.push_back(std::move(run));
  }
  for (int64_t turn = 0; turn < turns; ++turn) {
    for (Run& run : runs) {
      if (run.executor == nullptr) continue;
      run.seconds.push_back(SecondsOf(run, images, run.repeats));
    }
  }
  const double xnnpack =
      runs[0].executor == nullptr ? 0 : Median(runs[0].seconds);
  absl::PrintF("| %s, of %s | %.2f |", c.name, c.image.ToString(),
               xnnpack / static_cast<double>(images) * 1e6);
  for (size_t i = 1; i < runs.size(); ++i) {
    if (runs[i].executor == nullptr || runs[0].executor == nullptr) {
      absl::PrintF(" - |");
    } else {
      absl::PrintF(" %.2f |", Median(runs[i].seconds) / xnnpack);
    }
  }
  absl::PrintF("\n");
  return absl::OkStatus();
}

absl::Status MeasureAll(int64_t images, int64_t turns,
                        const std::string& only) {
  absl::PrintF(
      "| layer | xnnpack, us an image | direct | lanes |\n"
      "| --- | ---: | ---: | ---: |\n");
  for (const Case& c : Cases()) {
    if (!absl::StrContains(c.name, only)) continue;
    LENSLET_RETURN_IF_ERROR(Measure(c, images, turns));
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  int64_t images = 1;
  int64_t turns = 200;
  std::string only;
  CommandLine line(kProgram,
                   "Runs single layers forward on one backend after the other, "
                   "in one thread, and prints\nthe median time on each as a "
                   "multiple of XNNPACK's.");
  line.AddFlag("images", "Images that go through a layer together.", images,
               {.min = 1, .max = 1000});
  line.AddFlag("turns", "Turns of some 100 microseconds on each backend.",
               turns, {.min = 1, .max = 1000000});
  line.AddFlag("only", "Only layers whose line contains this text.", only);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::Status status = MeasureAll(images, turns, only);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
