#include "lenslet/benchmarks/peers/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/text_format.h"
#include "lenslet/benchmarks/peers/table.h"

namespace lenslet::peers {
namespace {

// The results with the number of threads of the first one: as many as peers.
size_t PeerCount(absl::Span<const Result> results) {
  return std::count_if(results.begin(), results.end(), [&](const Result& r) {
    return r.threads == results[0].threads;
  });
}

// "12,345 [12,000-12,400]"
std::string MedianAndSpread(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return absl::StrCat(RoundedWithCommas(Median(values)), " [",
                      RoundedWithCommas(*least), "-", RoundedWithCommas(*most),
                      "]");
}

std::string ThreadsText(int threads) {
  return absl::StrCat(threads, threads == 1 ? " thread" : " threads");
}

// A line for each peer that has variants:
// "oneDNN: nhwc with 1 thread, any with 2 threads."
std::string VariantsText(absl::Span<const Result> results) {
  const size_t peers = PeerCount(results);
  std::string text;
  for (size_t peer = 0; peer < peers; ++peer) {
    if (results[peer].variant == "default" ||
        results[peer].variant == "stock") {
      continue;
    }
    for (size_t i = peer; i < results.size(); i += peers) {
      absl::StrAppend(&text,
                      i == peer ? absl::StrCat(text.empty() ? "\n" : " ",
                                               results[peer].peer, ": ")
                                : ", ",
                      results[i].variant, " with ",
                      ThreadsText(results[i].threads));
    }
    absl::StrAppend(&text, ".");
  }
  return text.empty() ? "" : absl::StrCat(text, "\n");
}

}  // namespace

std::string SpeedTable(absl::Span<const Result> results) {
  const size_t peers = PeerCount(results);
  std::vector<std::string> header = {"examples/s"};
  for (size_t i = 0; i < results.size(); i += peers) {
    header.push_back(ThreadsText(results[i].threads));
    header.push_back("Lenslet is");
  }
  Table table(header);
  for (size_t peer = 0; peer < peers; ++peer) {
    std::vector<std::string> row = {results[peer].peer};
    for (size_t i = 0; i < results.size(); i += peers) {
      const std::vector<double>& speed = results[i + peer].examples_per_second;
      row.push_back(MedianAndSpread(speed));
      row.push_back(absl::StrFormat(
          "%.2f x", Median(results[i].examples_per_second) / Median(speed)));
    }
    table.AddRow(row);
  }
  return table.ToString() + VariantsText(results);
}

std::string LatencyTable(absl::Span<const Result> results) {
  const size_t peers = PeerCount(results);
  std::vector<std::string> header = {"p50 / p99 in us"};
  for (size_t i = 0; i < results.size(); i += peers) {
    header.push_back(ThreadsText(results[i].threads));
    header.push_back("Lenslet is");
  }
  Table table(header);
  for (size_t peer = 0; peer < peers; ++peer) {
    std::vector<std::string> row = {results[peer].peer};
    for (size_t i = 0; i < results.size(); i += peers) {
      const double p50 = Median(results[i + peer].latency_p50);
      row.push_back(
          absl::StrFormat("%.1f / %.1f", p50 * 1e6,
                          Median(results[i + peer].latency_p99) * 1e6));
      row.push_back(
          absl::StrFormat("%.2f x", p50 / Median(results[i].latency_p50)));
    }
    table.AddRow(row);
  }
  return table.ToString() + VariantsText(results);
}

std::string StartTable(absl::Span<const PeerInfo> peers,
                       absl::Span<const StartResult> results) {
  Table table({"1 thread", "first step done after", "peak memory"});
  for (size_t i = 0; i < peers.size(); ++i) {
    table.AddRow({peers[i].name,
                  absl::StrFormat("%.2f s", Median(results[i].seconds)),
                  absl::StrFormat("%.0f MiB",
                                  Median(results[i].peak_bytes) / (1 << 20))});
  }
  return table.ToString();
}

std::string ScalingTable(absl::Span<const ScalingResult> results) {
  const size_t peers = PeerCount(results[0].results);
  std::vector<std::string> header = {"examples/s", "threads"};
  for (size_t peer = 0; peer < peers; ++peer) {
    header.push_back(results[0].results[peer].peer);
  }
  for (size_t peer = 0; peer < peers; ++peer) {
    header.push_back(peer == 0 ? "MiB" : "");
  }
  Table table(header);
  for (const ScalingResult& scaling : results) {
    for (size_t i = 0; i < scaling.results.size(); i += peers) {
      std::vector<std::string> row = {scaling.what,
                                      absl::StrCat(scaling.results[i].threads)};
      const double lenslet = Median(scaling.results[i].examples_per_second);
      for (size_t peer = 0; peer < peers; ++peer) {
        const double speed =
            Median(scaling.results[i + peer].examples_per_second);
        row.push_back(absl::StrCat(
            RoundedWithCommas(speed),
            peer == 0 ? "" : absl::StrFormat(" (%.2f x)", lenslet / speed)));
      }
      for (size_t peer = 0; peer < peers; ++peer) {
        row.push_back(absl::StrCat(scaling.results[i + peer].peak_bytes >> 20));
      }
      table.AddRow(row);
    }
  }
  return table.ToString();
}

std::string LatenciesTable(absl::Span<const ScalingResult> results) {
  const size_t peers = PeerCount(results[0].results);
  std::vector<std::string> header = {"p50 in us", "threads"};
  for (size_t peer = 0; peer < peers; ++peer) {
    header.push_back(results[0].results[peer].peer);
  }
  Table table(header);
  for (const ScalingResult& scaling : results) {
    for (size_t i = 0; i < scaling.results.size(); i += peers) {
      std::vector<std::string> row = {scaling.what,
                                      absl::StrCat(scaling.results[i].threads)};
      const double lenslet = Median(scaling.results[i].latency_p50);
      for (size_t peer = 0; peer < peers; ++peer) {
        const double p50 = Median(scaling.results[i + peer].latency_p50);
        row.push_back(absl::StrCat(
            absl::StrFormat("%.1f", p50 * 1e6),
            peer == 0 ? "" : absl::StrFormat(" (%.2f x)", p50 / lenslet)));
      }
      table.AddRow(row);
    }
  }
  return table.ToString();
}

}  // namespace lenslet::peers
