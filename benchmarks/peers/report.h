// The tables of the peers benchmark.

#ifndef LENSLET_BENCHMARKS_PEERS_REPORT_H_
#define LENSLET_BENCHMARKS_PEERS_REPORT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "benchmarks/peers/contest.h"

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

// "12,345 [12,000-12,400]"
std::string MedianAndSpread(const std::vector<double>& values);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_REPORT_H_
