// Measures training and what of it is not the kernels' time: the trainer's own
// work (reading batches, adding gradients up, updates) and the threads' waiting
// for each other.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/split.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "training_overhead";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Measurement {
  std::vector<double> examples_per_second;
  // Shares of the threads' time.
  std::vector<double> overhead;
  std::vector<double> waiting;
};

// A trainer of its own for a number of threads.
struct Run {
  int threads;
  Parameters parameters;
  std::unique_ptr<Trainer> trainer;
  Measurement measurement;
};

absl::Status Measure(const Dataset& dataset, int64_t epoch, Run& run) {
  using Clock = std::chrono::steady_clock;
  const double kernels_before = run.trainer->KernelSeconds();
  const double busy_before = run.trainer->BusySeconds();
  const Clock::time_point start = Clock::now();
  LENSLET_RETURN_IF_ERROR(
      run.trainer->TrainEpoch(epoch, [](const Metrics&) {}).status());
  const double seconds = SecondsSince(start);
  const double kernels = run.trainer->KernelSeconds() - kernels_before;
  const double busy = run.trainer->BusySeconds() - busy_before;
  const double all = seconds * run.threads;
  run.measurement.examples_per_second.push_back(dataset.size() / seconds);
  run.measurement.overhead.push_back((busy - kernels) / all);
  run.measurement.waiting.push_back(1 - busy / all);
  return absl::OkStatus();
}

absl::Status Benchmark(const std::string& model, int64_t epochs,
                       const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           LoadModel(model, UserFolder()));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(text));
  LENSLET_ASSIGN_OR_RETURN(const Dataset dataset,
                           LoadFashionMnist(argv0, Split::kTrain));
  // Trainers point at their parameters, which may not move any more.
  std::vector<std::unique_ptr<Run>> runs;
  for (int threads : {1, 2}) {
    LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
    InitializeParameters(Initializer(), /*seed=*/0, parameters);
    runs.push_back(std::make_unique<Run>(
        Run{threads, std::move(parameters), nullptr, Measurement()}));
    Run& run = *runs.back();
    LENSLET_ASSIGN_OR_RETURN(run.trainer,
                             Trainer::Create(graph, dataset, run.parameters,
                                             {.threads = threads,
                                              .schedule = {.base_rate = 0.1},
                                              .measure_time = true}));
  }
  // In turn, so that a machine that slows down slows both down.
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    for (const std::unique_ptr<Run>& run : runs) {
      LENSLET_RETURN_IF_ERROR(Measure(dataset, epoch, *run));
    }
  }
  std::printf("threads  examples/s  trainer's own  waiting   (medians of %d)\n",
              static_cast<int>(epochs));
  for (const std::unique_ptr<Run>& run : runs) {
    std::printf("%7d  %10.0f  %11.1f %%  %5.1f %%\n", run->threads,
                Median(run->measurement.examples_per_second),
                100 * Median(run->measurement.overhead),
                100 * Median(run->measurement.waiting));
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  std::string model = "lenet";
  int64_t epochs = 5;
  CommandLine line(
      kProgram,
      "Trains on Fashion-MNIST with one and two threads in turn, and "
      "prints the speed,\nand the shares of the time for the "
      "trainer's own work and for waiting.");
  line.AddFlag("model", "The network: a name or a model file.", model);
  line.AddFlag("epochs", "Epochs to measure with each.", epochs, {.min = 1});
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::Status status = Benchmark(model, epochs, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
