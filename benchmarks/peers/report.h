// The tables of the peers benchmark.

#ifndef LENSLET_BENCHMARKS_PEERS_REPORT_H_
#define LENSLET_BENCHMARKS_PEERS_REPORT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/benchmarks/peers/contest.h"

namespace lenslet::peers {

// A row for each peer, columns for each number of threads: examples per second
// as "MEDIAN [LEAST-MOST]", and how many times as many are the first peer's.
// Below the table, the variants of peers that have several. `results` are one
// contest's.
std::string SpeedTable(absl::Span<const Result> results);

// The same for latency: medians of the turns' p50 and p99 in microseconds, and
// how many times as long p50 is as the first peer's.
std::string LatencyTable(absl::Span<const Result> results);

// Seconds until the first step is done, and peak memory.
std::string StartTable(absl::Span<const PeerInfo> peers,
                       absl::Span<const StartResult> results);

// One network after the other.
struct ScalingResult {
  std::string what;             // "width x2"
  std::vector<Result> results;  // One contest's.
};

// A row for each network and number of threads: for each peer the median of
// examples per second, how many times as many are the first peer's, and its
// peak memory. Has at least one result, and all have the same peers.
std::string ScalingTable(absl::Span<const ScalingResult> results);

// A row for each network and number of threads: for each peer the median p50 in
// microseconds, and how many times as long it is as the first peer's.
std::string LatenciesTable(absl::Span<const ScalingResult> results);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_REPORT_H_
