#include "lenslet/benchmarks/peers/contest.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/benchmarks/peers/process.h"

namespace lenslet::peers {
namespace {

// A peer's process with a number of threads, and what it has done.
struct Contestant {
  std::unique_ptr<Process> process = nullptr;
  Result result;
  double units_per_second = 0;  // Units: the job's command's.
};

std::string CommandOf(Job job) {
  switch (job) {
    case Job::kTrain:
      return "train";
    case Job::kInfer:
      return "infer";
    case Job::kLatency:
      return "latency";
  }
  return "";
}

absl::StatusOr<std::unique_ptr<Process>> StartWorker(
    const ContestOptions& options, const PeerInfo& peer,
    const std::string& variant, int threads) {
  WorkerSettings settings = {.workload = options.workload,
                             .variant = variant,
                             .data_folder = options.data_folder};
  settings.workload.threads = threads;
  return Process::Start(absl::StrCat(options.worker_folder, "/", peer.worker),
                        ToArguments(settings), peer.Environment(threads));
}

absl::StatusOr<std::vector<double>> AskNumbers(Process& process,
                                               const std::string& command,
                                               size_t at_least) {
  LENSLET_ASSIGN_OR_RETURN(const std::string answer, process.Ask(command));
  std::vector<double> numbers;
  for (absl::string_view word : absl::StrSplit(answer, ' ')) {
    if (!absl::SimpleAtod(word, &numbers.emplace_back())) {
      return absl::InternalError(absl::StrCat("a worker answers \"", command,
                                              "\" by \"", answer, "\""));
    }
  }
  if (numbers.size() < at_least) {
    return absl::InternalError(
        absl::StrCat("a worker answers \"", command, "\" by \"", answer, "\""));
  }
  return numbers;
}

// One turn of `units`; its figures are recorded if it counts. Losses always
// are.
absl::Status TakeTurn(Job job, int64_t units, bool counts,
                      Contestant& contestant) {
  LENSLET_ASSIGN_OR_RETURN(
      const std::vector<double> numbers,
      AskNumbers(*contestant.process, absl::StrCat(CommandOf(job), " ", units),
                 /*at_least=*/2));
  Result& result = contestant.result;
  if (job == Job::kLatency) {
    contestant.units_per_second = 1 / numbers[0];
    if (!counts) return absl::OkStatus();
    result.latency_p50.push_back(numbers[0]);
    result.latency_p99.push_back(numbers[1]);
    return absl::OkStatus();
  }
  contestant.units_per_second = static_cast<double>(units) / numbers[0];
  result.losses.insert(result.losses.end(), numbers.begin() + 2, numbers.end());
  if (counts) result.examples_per_second.push_back(numbers[1] / numbers[0]);
  return absl::OkStatus();
}

// The fastest variant, after its warm-up.
absl::StatusOr<Contestant> WarmUp(const ContestOptions& options,
                                  const PeerInfo& peer, int threads) {
  const int64_t first = options.job == Job::kLatency ? 1000 : 1;
  Contestant fastest;
  for (const std::string& variant : peer.variants) {
    Contestant contestant = {
        .result = {.peer = peer.name, .variant = variant, .threads = threads}};
    LENSLET_ASSIGN_OR_RETURN(contestant.process,
                             StartWorker(options, peer, variant, threads));
    // Once to prepare, and once to see how fast it is.
    LENSLET_RETURN_IF_ERROR(
        TakeTurn(options.job, first, /*counts=*/false, contestant));
    LENSLET_RETURN_IF_ERROR(
        TakeTurn(options.job, first, /*counts=*/false, contestant));
    const int64_t units = std::max<int64_t>(
        first, static_cast<int64_t>(0.3 * options.turn_seconds *
                                    contestant.units_per_second));
    LENSLET_RETURN_IF_ERROR(
        TakeTurn(options.job, units, /*counts=*/false, contestant));
    if (contestant.units_per_second > fastest.units_per_second) {
      fastest = std::move(contestant);
    }
  }
  return fastest;
}

}  // namespace

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

absl::StatusOr<std::vector<Result>> RunContest(
    const ContestOptions& options, absl::Span<const PeerInfo> peers,
    absl::FunctionRef<void()> before_round) {
  std::vector<Contestant> contestants;
  for (int threads : options.threads) {
    for (const PeerInfo& peer : peers) {
      if (options.job == Job::kTrain && !peer.trains) continue;
      std::fprintf(stderr, "%s, %d thread(s): warming up %s\n",
                   CommandOf(options.job).c_str(), threads, peer.name.c_str());
      LENSLET_ASSIGN_OR_RETURN(Contestant contestant,
                               WarmUp(options, peer, threads));
      contestants.push_back(std::move(contestant));
    }
  }
  for (int64_t round = 0; round < options.rounds; ++round) {
    std::fprintf(stderr, "%s: round %d of %d\n", CommandOf(options.job).c_str(),
                 static_cast<int>(round + 1), static_cast<int>(options.rounds));
    before_round();
    for (Contestant& contestant : contestants) {
      const int64_t units = std::max<int64_t>(
          1, std::lround(options.turn_seconds * contestant.units_per_second));
      LENSLET_RETURN_IF_ERROR(
          TakeTurn(options.job, units, /*counts=*/true, contestant));
    }
  }
  std::vector<Result> results;
  for (Contestant& contestant : contestants) {
    const int64_t steps_left =
        options.steps - static_cast<int64_t>(contestant.result.losses.size());
    if (options.job == Job::kTrain && steps_left > 0) {
      LENSLET_RETURN_IF_ERROR(
          TakeTurn(options.job, steps_left, /*counts=*/false, contestant));
    }
    LENSLET_ASSIGN_OR_RETURN(
        const std::vector<double> bytes,
        AskNumbers(*contestant.process, "memory", /*at_least=*/1));
    contestant.result.peak_bytes = static_cast<int64_t>(bytes[0]);
    results.push_back(std::move(contestant.result));
  }
  return results;
}

absl::StatusOr<std::vector<StartResult>> RunStarts(
    const ContestOptions& options, absl::Span<const PeerInfo> peers) {
  using Clock = std::chrono::steady_clock;
  std::vector<StartResult> results(peers.size());
  for (int64_t round = 0; round < options.rounds; ++round) {
    std::fprintf(stderr, "start: round %d of %d\n", static_cast<int>(round + 1),
                 static_cast<int>(options.rounds));
    for (size_t i = 0; i < peers.size(); ++i) {
      const Clock::time_point start = Clock::now();
      LENSLET_ASSIGN_OR_RETURN(
          const std::unique_ptr<Process> process,
          StartWorker(options, peers[i], peers[i].variants[0], /*threads=*/1));
      LENSLET_RETURN_IF_ERROR(process->Ask("train 1").status());
      results[i].seconds.push_back(SecondsSince(start));
      LENSLET_RETURN_IF_ERROR(process->Ask("train 20").status());
      LENSLET_ASSIGN_OR_RETURN(const std::vector<double> bytes,
                               AskNumbers(*process, "memory", /*at_least=*/1));
      results[i].peak_bytes.push_back(bytes[0]);
    }
  }
  return results;
}

absl::Status CheckLosses(const LossLimits& limits,
                         absl::Span<const Result> results) {
  size_t common = results[0].losses.size();
  for (const Result& result : results) {
    common = std::min(common, result.losses.size());
  }
  const auto mean = [&](const Result& result) {
    return std::accumulate(result.losses.begin(),
                           result.losses.begin() + limits.mean_steps, 0.0) /
           static_cast<double>(limits.mean_steps);
  };
  const auto check = [&](const Result& result, const std::string& what,
                         double loss, double expected, double limit) {
    if (std::abs(loss - expected) <= limit * std::max(1.0, expected)) {
      return absl::OkStatus();
    }
    return absl::InternalError(absl::StrCat(
        result.peer, " with ", result.threads, " thread(s) has loss ", loss,
        " in ", what, ", ", results[0].peer, " has ", expected, "; ", limit,
        " is the largest difference allowed, as a share of losses above 1"));
  };
  for (const Result& result : results) {
    const size_t steps = std::min<size_t>(limits.steps, common);
    for (size_t i = 0; i < steps; ++i) {
      LENSLET_RETURN_IF_ERROR(check(result, absl::StrCat("step ", i + 1),
                                    result.losses[i], results[0].losses[i],
                                    limits.step));
    }
    if (common < static_cast<size_t>(limits.mean_steps)) continue;
    LENSLET_RETURN_IF_ERROR(
        check(result, absl::StrCat("the mean of ", limits.mean_steps, " steps"),
              mean(result), mean(results[0]), limits.mean));
  }
  return absl::OkStatus();
}

}  // namespace lenslet::peers
