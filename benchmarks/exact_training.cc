// Measures what Winograd's algorithm gains in training: examples per second
// with and without TrainerOptions::exact, in turn; and the memory that each
// trainer adds to the process.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hwy/targets.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "exact_training";
constexpr int64_t kBatch = 256;

struct Options {
  std::string model = "modern";
  std::string instruction_set;
  int64_t turns = 9;
  int64_t steps = 4;
  int threads = 1;
};

struct Run {
  Parameters parameters;
  std::unique_ptr<Trainer> trainer;
  std::vector<double> speeds;
  double mebibytes = 0;
};

// Of the process, in memory.
double Mebibytes() {
  long long size = 0;
  long long resident = 0;  // Pages.
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%lld %lld", &size, &resident) != 2) resident = 0;
  std::fclose(file);
  return static_cast<double>(resident) * sysconf(_SC_PAGESIZE) / (1 << 20);
}

absl::Status Train(const std::vector<int64_t>& examples, int64_t steps,
                   Run& run) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < steps; ++i) {
    LENSLET_RETURN_IF_ERROR(run.trainer->Step(examples).status());
  }
  run.speeds.push_back(steps * kBatch / SecondsSince(start));
  return absl::OkStatus();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

absl::Status Benchmark(const Options& options) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (options.instruction_set != hwy::TargetName(target)) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           LoadModel(options.model, UserFolder()));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(text));
  LENSLET_ASSIGN_OR_RETURN(
      const Dataset dataset,
      MakeSyntheticDataset(
          graph.inputs()[0].shape,
          {.examples = kBatch,
           .classes = graph.ShapeOfValue(graph.output_value()).elements()}));
  std::vector<int64_t> examples(kBatch);
  std::iota(examples.begin(), examples.end(), 0);
  // Trainers point at their parameters, which may not move.
  std::vector<std::unique_ptr<Run>> runs;
  for (const bool exact : {true, false}) {
    const double before = Mebibytes();
    LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
    InitializeParameters(Initializer(), /*seed=*/0, parameters);
    runs.push_back(std::make_unique<Run>(
        Run{std::move(parameters), nullptr, std::vector<double>(), 0}));
    Run& run = *runs.back();
    LENSLET_ASSIGN_OR_RETURN(run.trainer,
                             Trainer::Create(graph, dataset, run.parameters,
                                             {.threads = options.threads,
                                              .batch_size = kBatch,
                                              .schedule = {.base_rate = 0.001},
                                              .exact = exact}));
    LENSLET_RETURN_IF_ERROR(Train(examples, 1, run));
    run.speeds.clear();
    run.mebibytes = Mebibytes() - before;
  }
  for (int64_t turn = 0; turn < options.turns; ++turn) {
    for (const std::unique_ptr<Run>& run : runs) {
      LENSLET_RETURN_IF_ERROR(Train(examples, options.steps, *run));
    }
  }
  std::vector<double> ratios;
  for (int64_t turn = 0; turn < options.turns; ++turn) {
    ratios.push_back(runs[1]->speeds[turn] / runs[0]->speeds[turn]);
  }
  std::printf(
      "%s: exact %.0f examples/s, %.1f MiB; otherwise %.0f, %.1f MiB: "
      "%.2f times as fast\n",
      options.model.c_str(), Median(runs[0]->speeds), runs[0]->mebibytes,
      Median(runs[1]->speeds), runs[1]->mebibytes, Median(ratios));
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  int64_t threads = options.threads;
  CommandLine line(kProgram,
                   "Trains on synthetic images with and without exact "
                   "convolutions in turn, and\nprints the speeds.");
  line.AddFlag("model", "The network: a name or a model file.", options.model);
  line.AddFlag("instruction_set", "One that the CPU has, such as AVX2.",
               options.instruction_set);
  line.AddFlag("turns", "How often to measure each.", options.turns,
               {.min = 1});
  line.AddFlag("steps", "Steps in a turn.", options.steps, {.min = 1});
  line.AddFlag("threads", "Threads.", threads, {.min = 1, .max = 64});
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  options.threads = static_cast<int>(threads);
  const absl::Status status = Benchmark(options);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
