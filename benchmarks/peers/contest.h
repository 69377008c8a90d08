// Peers doing the same job in turn: A B C A B C ..., so that a machine that
// slows down slows all of them down.

#ifndef LENSLET_BENCHMARKS_PEERS_CONTEST_H_
#define LENSLET_BENCHMARKS_PEERS_CONTEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/benchmarks/peers/lineup.h"
#include "lenslet/benchmarks/peers/workload.h"

namespace lenslet::peers {

enum class Job : uint8_t { kTrain, kInfer, kLatency };

struct ContestOptions {
  Job job = Job::kTrain;
  // Its number of threads is not looked at.
  Workload workload;
  std::vector<int> threads = {1, 2};
  int64_t rounds = 5;         // Turns of each peer that count, at least 1.
  double turn_seconds = 0.5;  // How long one should be.
  // Training steps that all peers do at least, the last ones in no turn.
  int64_t steps = 0;
  // Where the workers and Fashion-MNIST are.
  std::string worker_folder;
  std::string data_folder;
};

// What a peer did with a number of threads. Vectors have an element for each
// turn, or none where the job has no such thing.
struct Result {
  std::string peer;
  std::string variant;  // The fastest one.
  int threads = 1;
  std::vector<double> examples_per_second = {};
  std::vector<double> latency_p50 = {};  // Seconds.
  std::vector<double> latency_p99 = {};
  // Mean losses: of each training step from the first one on, warm-up included,
  // or of each inference turn.
  std::vector<double> losses = {};
  int64_t peak_bytes = 0;  // Of resident memory, with the data set.
};

// The value in the middle; the larger one of two. At least one value.
double Median(std::vector<double> values);

// Has each peer do the job with each number of threads, in a process of its
// own: first a turn that does not count, in which the fastest variant is found,
// and then options.rounds turns each. Calls `before_round` before each of them.
// Results are ordered by the number of threads, then as `peers`. Peers that do
// not train are left out of training. Errors: a worker's, with its name.
absl::StatusOr<std::vector<Result>> RunContest(
    const ContestOptions& options, absl::Span<const PeerInfo> peers,
    absl::FunctionRef<void()> before_round);

// How long a peer takes from the start of its process to the end of the first
// training step, and how much memory some steps more take.
struct StartResult {
  std::vector<double> seconds;
  std::vector<double> peak_bytes;
};

// One for each of `peers`, which all train, by options.workload with one thread
// and their first variant. Errors: as RunContest().
absl::StatusOr<std::vector<StartResult>> RunStarts(
    const ContestOptions& options, absl::Span<const PeerInfo> peers);

// How far results of one contest may be from those of the first. Differences
// are shares of losses above 1.
struct LossLimits {
  // Training steps whose losses are compared one by one.
  int64_t steps = 0;
  double step = 0;  // The largest difference of such a step's losses.
  // Of the mean loss of the first `mean_steps` steps, where all have done them.
  double mean = 0;
  int64_t mean_steps = 1;
};

// Errors: Internal, naming the peer and both losses, for a difference that is
// too large and a loss that is not finite.
absl::Status CheckLosses(const LossLimits& limits,
                         absl::Span<const Result> results);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_CONTEST_H_
