// Compares Lenslet with other libraries that train and run the same networks on
// the same CPU: libtorch, oneDNN and, for inference, XNNPACK.
//
// Each peer is a process of its own. They take turns, so that what slows the
// machine down slows all of them down, and one run's ratios can be trusted
// where its absolute figures can not. All start from the same parameters and
// see the same examples in the same order, so their losses agree; the benchmark
// fails where they do not.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/benchmarks/peers/contest.h"
#include "lenslet/benchmarks/peers/fma_peak.h"
#include "lenslet/benchmarks/peers/lineup.h"
#include "lenslet/benchmarks/peers/network.h"
#include "lenslet/benchmarks/peers/report.h"
#include "lenslet/benchmarks/peers/workload.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "tools/cpp/runfiles/runfiles.h"

namespace lenslet::peers {
namespace {

constexpr char kProgram[] = "peers";

struct Flags {
  std::string table = "default";
  std::string lenslet = "default";
  int64_t rounds = 5;
  int64_t threads = 0;
  std::string effort = "full";
  std::string models = "modern,nin,residual,inception";
  std::string row = "";
};

constexpr int64_t kEpoch = 235;  // Steps of 256 of 60,000 examples.

// Training is chaotic: rounding moves a relu's zero or the place of a maximum,
// and after some ten steps losses differ in the second digit, between libraries
// as between one library's numbers of threads. Before that they differ by
// rounding alone, some 1e-7, while a wrong gradient shows in the second step.
// The mean of an epoch differs by less than 1 %. With sigmoid, the first epoch
// stays on a plateau where differences do not grow.
LossLimits TrainingLimits(Activation activation) {
  if (activation == Activation::kRelu) {
    return {.steps = 6, .step = 1e-4, .mean = 0.05, .mean_steps = kEpoch};
  }
  return {.steps = kEpoch, .step = 1e-4, .mean = 1e-4, .mean_steps = kEpoch};
}

// Forward only, with equal parameters.
constexpr LossLimits kInferenceLimits = {
    .steps = 1, .step = 1e-5, .mean = 1e-5};

// At learning rate 0.9, wide networks jump before they find the plateau.
constexpr LossLimits kScalingLimits = {
    .steps = 4, .step = 1e-3, .mean = 0.05, .mean_steps = 4};

// Normalization makes rounding grow faster: where oneDNN chooses its formats,
// from 1e-5 of the first loss to 0.001 of the second and 0.007 of the fourth.
constexpr LossLimits kNormalizedLimits = {
    .steps = 2, .step = 5e-3, .mean = 0.05, .mean_steps = 2};

// Peaks of multiply-adds that were measured between the turns.
struct Peaks {
  std::vector<double> one_thread;
  std::vector<double> two_threads;

  void Measure() {
    constexpr double kSeconds = 0.1;
    one_thread.push_back(MeasureFmaPeak(1, kSeconds));
    two_threads.push_back(MeasureFmaPeak(2, kSeconds));
  }
};

void Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

absl::Status PrintPeaks(const Workload& workload, const Peaks& peaks,
                        absl::Span<const Result> results) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildNetwork(workload));
  const int64_t flops = TrainingFlops(graph);
  std::string text;
  for (const Result& result : results) {
    if (result.peer != results[0].peer || result.threads > 2) continue;
    const double peak =
        Median(result.threads == 1 ? peaks.one_thread : peaks.two_threads);
    const double reached =
        Median(result.examples_per_second) * static_cast<double>(flops);
    absl::StrAppendFormat(&text,
                          "Threads: %d. Lenslet trains at %.1f GFLOP/s, "
                          "%.1f %% of the %.0f "
                          "GFLOP/s of fp32 multiply-adds.\n",
                          result.threads, reached / 1e9, 100 * reached / peak,
                          peak / 1e9);
  }
  Print(absl::StrCat("\n", text, "(", WithCommas(flops),
                     " operations per example: two for each multiply-add of ",
                     "the forward pass, the\nweight gradients, and the data ",
                     "gradients but for the first layer's.)\n"));
  const double core =
      *std::max_element(peaks.one_thread.begin(), peaks.one_thread.end());
  const double one = Median(peaks.one_thread) / core;
  const double two = Median(peaks.two_threads) / core;
  if (one < 0.8 || two < 1.6) {
    Print(absl::StrFormat(
        "\nWARNING: one thread had %.2f times a core's multiply-adds, and two "
        "had %.2f times. The machine is\nbusy with other work, or has one "
        "core: "
        "figures with 2 threads, most of all of peers on OpenMP,\nwhich spin, "
        "are not to be trusted.\n",
        one, two));
  }
  return absl::OkStatus();
}

// All that is measured of one network.
absl::Status CompareNetwork(ContestOptions options,
                            absl::Span<const PeerInfo> peers) {
  const std::string network =
      absl::StrCat("LeNet with ", Name(options.workload.activation));
  options.job = Job::kTrain;
  Peaks peaks;
  LENSLET_ASSIGN_OR_RETURN(
      const std::vector<Result> training,
      RunContest(options, peers, [&] { peaks.Measure(); }));
  Print(absl::StrCat("\n## Training, ", network, ", batches of ",
                     options.workload.batch, "\n\n", SpeedTable(training)));
  LENSLET_RETURN_IF_ERROR(PrintPeaks(options.workload, peaks, training));
  LENSLET_RETURN_IF_ERROR(
      CheckLosses(TrainingLimits(options.workload.activation), training));

  options.job = Job::kInfer;
  LENSLET_ASSIGN_OR_RETURN(const std::vector<Result> inference,
                           RunContest(options, peers, [] {}));
  LENSLET_RETURN_IF_ERROR(CheckLosses(kInferenceLimits, inference));
  Print(absl::StrCat("\n## Inference, ", network, ", batches of ",
                     options.workload.batch, "\n\n", SpeedTable(inference)));

  options.job = Job::kLatency;
  LENSLET_ASSIGN_OR_RETURN(const std::vector<Result> latency,
                           RunContest(options, peers, [] {}));
  Print(absl::StrCat("\n## Latency of one image, ", network, "\n\n",
                     LatencyTable(latency)));

  std::vector<PeerInfo> trainers;
  for (const PeerInfo& peer : peers) {
    if (!peer.trains) continue;
    trainers.push_back(peer);
    // The one that has trained fastest.
    trainers.back().variants = {training[trainers.size() - 1].variant};
  }
  options.rounds = std::min<int64_t>(options.rounds, 3);
  LENSLET_ASSIGN_OR_RETURN(const std::vector<StartResult> starts,
                           RunStarts(options, trainers));
  Print(absl::StrCat("\n## Start and memory of training, ", network, "\n\n",
                     StartTable(trainers, starts)));
  return absl::OkStatus();
}

// Training of wider networks, larger images and other batches.
// Only those whose names contain `row`.
absl::Status CompareScaling(ContestOptions options, const std::string& row,
                            absl::Span<const PeerInfo> peers) {
  // As many as the largest batches need; memory is then that of activations.
  options.workload.examples = 8192;
  options.steps = 0;
  options.rounds = std::min<int64_t>(options.rounds, 3);
  struct Network {
    std::string what;
    Workload workload;
  };
  std::vector<Network> networks;
  const auto add = [&](const std::string& what) -> Workload& {
    networks.push_back({what, options.workload});
    return networks.back().workload;
  };
  for (int64_t width : {1, 2, 4, 8}) {
    add(absl::StrCat("width x", width)).width = width;
  }
  add("64x64 images").image_size = 64;
  for (int64_t batch = 32; batch <= 4096; batch *= 2) {
    if (batch == options.workload.batch) continue;
    add(absl::StrCat("batch ", batch)).batch = batch;
  }
  std::vector<ScalingResult> results;
  for (const Network& network : networks) {
    if (!absl::StrContains(network.what, row)) continue;
    std::fprintf(stderr, "%s\n", network.what.c_str());
    options.workload = network.workload;
    LENSLET_ASSIGN_OR_RETURN(std::vector<Result> training,
                             RunContest(options, peers, [] {}));
    LENSLET_RETURN_IF_ERROR(CheckLosses(kScalingLimits, training));
    results.push_back({network.what, std::move(training)});
  }
  Print(
      absl::StrCat("\n## Training, LeNet with sigmoid, batches of 256 of 28x28 "
                   "images unless said\n\n",
                   "8192 examples. In parentheses, Lenslet's speed divided by "
                   "the peer's.\n\n",
                   ScalingTable(results)));
  return absl::OkStatus();
}

template <typename Spec>
bool Has(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Graph::Node& node) {
                       return std::holds_alternative<Spec>(node.layer.spec());
                     });
}

// Training, inference and latency of models of the zoo.
absl::Status CompareZoo(ContestOptions options,
                        absl::Span<const std::string> models,
                        absl::Span<const PeerInfo> peers) {
  options.workload.examples = 2048;
  options.steps = 0;
  std::vector<ScalingResult> training;
  std::vector<ScalingResult> inference;
  std::vector<ScalingResult> latency;
  for (const std::string& model : models) {
    std::fprintf(stderr, "%s\n", model.c_str());
    options.workload.model = model;
    LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildNetwork(options.workload));
    const Shape& image = graph.inputs()[0].shape;
    options.workload.image_size = image.dim(0);
    options.workload.channels = image.dim(2);
    const auto run = [&](Job job, std::vector<ScalingResult>& results) {
      options.job = job;
      absl::StatusOr<std::vector<Result>> result =
          RunContest(options, peers, [] {});
      LENSLET_RETURN_IF_ERROR(result.status());
      results.push_back({model, *std::move(result)});
      return absl::OkStatus();
    };
    LENSLET_RETURN_IF_ERROR(run(Job::kTrain, training));
    // Dropout differs. Batch normalization has statistics of blocks of 16
    // images in Lenslet, and of the whole batch in the others.
    if (!Has<DropoutSpec>(graph)) {
      const absl::Span<const Result> results = training.back().results;
      LENSLET_RETURN_IF_ERROR(
          Has<BatchNormSpec>(graph)
              ? CheckLosses(kNormalizedLimits, results.subspan(1))
              : CheckLosses(kScalingLimits, results));
    }
    LENSLET_RETURN_IF_ERROR(run(Job::kInfer, inference));
    LENSLET_RETURN_IF_ERROR(
        CheckLosses(kInferenceLimits, inference.back().results));
    LENSLET_RETURN_IF_ERROR(run(Job::kLatency, latency));
  }
  Print(absl::StrCat("\n## Training of the zoo, batches of ",
                     options.workload.batch, "\n\n", ScalingTable(training),
                     "\n## Inference of the zoo, batches of ",
                     options.workload.batch, "\n\n", ScalingTable(inference),
                     "\n## Latency of one image\n\n", LatenciesTable(latency)));
  return absl::OkStatus();
}

absl::StatusOr<ContestOptions> MakeOptions(const std::string& argv0) {
  using ::bazel::tools::cpp::runfiles::Runfiles;
  ContestOptions options;
  const std::unique_ptr<Runfiles> runfiles(Runfiles::Create(argv0));
  if (runfiles == nullptr) {
    return absl::NotFoundError(
        "the workers were not found; run ./bazelw run //benchmarks:peers");
  }
  // For Bazel 7, the main repository is called _main.
  std::string worker =
      runfiles->Rlocation("_main/benchmarks/peers/lenslet_worker");
  if (!FileExists(worker)) {
    worker = runfiles->Rlocation("lenslet/benchmarks/peers/lenslet_worker");
  }
  options.worker_folder = worker.substr(0, worker.rfind('/'));
  LENSLET_ASSIGN_OR_RETURN(options.data_folder, FindFashionMnist(argv0));
  return options;
}

absl::Status Benchmark(const Flags& flags, const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(ContestOptions options, MakeOptions(argv0));
  options.rounds = flags.rounds;
  options.steps = kEpoch;
  if (flags.threads > 0) options.threads = {static_cast<int>(flags.threads)};
  if (flags.effort == "quick") {
    options.rounds = 1;
    options.steps = 0;
    options.turn_seconds = 0.1;
  }
  std::vector<PeerInfo> peers = {
      LensletPeerInfo(absl::StrSplit(flags.lenslet, ','))};
  for (PeerInfo& peer : OtherPeers()) peers.push_back(std::move(peer));
  double load[1] = {0};
  if (getloadavg(load, 1) == 1) {
    Print(absl::StrFormat(
        "Medians of %d interleaved turns, and [least-most]. The machine's load "
        "before the start: %.2f.\n",
        options.rounds, load[0]));
  }
  const auto wanted = [&](absl::string_view table) {
    return flags.table == table || flags.table == "all" ||
           (flags.table == "default" && table != "scaling" && table != "zoo");
  };
  if (wanted("book")) {
    LENSLET_RETURN_IF_ERROR(CompareNetwork(options, peers));
  }
  if (wanted("relu")) {
    ContestOptions relu = options;
    relu.workload.activation = Activation::kRelu;
    LENSLET_RETURN_IF_ERROR(CompareNetwork(relu, peers));
  }
  if (wanted("scaling")) {
    // Not those that do not train, nor libtorch twice.
    std::vector<PeerInfo> best;
    std::copy_if(peers.begin(), peers.end(), std::back_inserter(best),
                 [](const PeerInfo& peer) {
                   return peer.trains && peer.variants[0] != "stock" &&
                          !absl::EndsWith(peer.variants[0], "-denormals");
                 });
    LENSLET_RETURN_IF_ERROR(CompareScaling(options, flags.row, best));
  }
  if (wanted("zoo")) {
    std::vector<PeerInfo> others = {peers[0]};
    for (PeerInfo& peer : OtherPeersForZoo()) others.push_back(std::move(peer));
    const std::vector<std::string> models = absl::StrSplit(flags.models, ',');
    LENSLET_RETURN_IF_ERROR(CompareZoo(options, models, others));
  }
  return absl::OkStatus();
}

bool IsOneOf(absl::string_view word,
             absl::Span<const absl::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

int Main(int argc, char** argv) {
  Flags flags;
  CommandLine line(kProgram,
                   "Trains and runs the same networks with Lenslet, oneDNN, "
                   "libtorch and XNNPACK in\nturn, checks that their losses "
                   "agree, and prints how fast they are.");
  line.AddFlag("table",
               "What to measure: book, relu, both of these (default), scaling, "
               "zoo, all.",
               flags.table);
  line.AddFlag("lenslet",
               "Lenslet's backends, of which the fastest counts: a list with "
               "commas; default: its own choice.",
               flags.lenslet);
  line.AddFlag("models", "Models of the zoo for the table zoo, with commas.",
               flags.models);
  line.AddFlag("row",
               "Only rows of the table scaling that contain this, for example "
               "\"width x8\".",
               flags.row);
  line.AddFlag("rounds", "Turns of each peer.", flags.rounds, {.min = 1});
  line.AddFlag("threads", "Only this number of threads; 0: 1 and then 2.",
               flags.threads, {.min = 0, .max = 1024});
  line.AddFlag("effort", "full, or quick: to see that it works.", flags.effort);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  if (!IsOneOf(flags.table,
               {"default", "book", "relu", "scaling", "zoo", "all"})) {
    return ReportUsage(kProgram,
                       absl::StrCat("there is no table \"", flags.table, "\""));
  }
  if (!IsOneOf(flags.effort, {"full", "quick"})) {
    return ReportUsage(
        kProgram, absl::StrCat("there is no effort \"", flags.effort, "\""));
  }
  const absl::Status status = Benchmark(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet::peers

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::peers::kProgram, argc, argv,
                             lenslet::peers::Main);
}
