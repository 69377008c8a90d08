#include "lenslet/benchmarks/peers/fma_peak.h"

#include <chrono>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <thread>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "benchmarks/peers/fma_peak.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet::peers {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kSums = 12;

// Returns the floating-point operations done. `sums` has kSums numbers, which a
// compiler does not know and which change, so that nothing is optimized away.
int64_t MultiplyAdd(int64_t rounds, float* sums) {
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, 0.5f);
  const auto b = hn::Set(d, 0.25f);
  // Two units with a latency of four or five need ten sums at least; twelve,
  // and two factors, fit into 16 registers.
  auto s0 = hn::Set(d, sums[0]);
  auto s1 = hn::Set(d, sums[1]);
  auto s2 = hn::Set(d, sums[2]);
  auto s3 = hn::Set(d, sums[3]);
  auto s4 = hn::Set(d, sums[4]);
  auto s5 = hn::Set(d, sums[5]);
  auto s6 = hn::Set(d, sums[6]);
  auto s7 = hn::Set(d, sums[7]);
  auto s8 = hn::Set(d, sums[8]);
  auto s9 = hn::Set(d, sums[9]);
  auto s10 = hn::Set(d, sums[10]);
  auto s11 = hn::Set(d, sums[11]);
  for (int64_t i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, a, b);
    s1 = hn::MulAdd(s1, a, b);
    s2 = hn::MulAdd(s2, a, b);
    s3 = hn::MulAdd(s3, a, b);
    s4 = hn::MulAdd(s4, a, b);
    s5 = hn::MulAdd(s5, a, b);
    s6 = hn::MulAdd(s6, a, b);
    s7 = hn::MulAdd(s7, a, b);
    s8 = hn::MulAdd(s8, a, b);
    s9 = hn::MulAdd(s9, a, b);
    s10 = hn::MulAdd(s10, a, b);
    s11 = hn::MulAdd(s11, a, b);
  }
  sums[0] = hn::GetLane(s0);
  sums[1] = hn::GetLane(s1);
  sums[2] = hn::GetLane(s2);
  sums[3] = hn::GetLane(s3);
  sums[4] = hn::GetLane(s4);
  sums[5] = hn::GetLane(s5);
  sums[6] = hn::GetLane(s6);
  sums[7] = hn::GetLane(s7);
  sums[8] = hn::GetLane(s8);
  sums[9] = hn::GetLane(s9);
  sums[10] = hn::GetLane(s10);
  sums[11] = hn::GetLane(s11);
  return rounds * kSums * 2 * static_cast<int64_t>(hn::Lanes(d));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet::peers
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet::peers {

HWY_EXPORT(MultiplyAdd);

double MeasureFmaPeak(int threads, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> rates(threads);
  const auto work = [&](int thread) {
    float sums[12];
    std::iota(std::begin(sums), std::end(sums), 1.0f);
    const Clock::time_point start = Clock::now();
    int64_t operations = 0;
    double elapsed = 0;
    do {
      operations += HWY_DYNAMIC_DISPATCH(MultiplyAdd)(100000, sums);
      elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    } while (elapsed < seconds);
    rates[thread] = static_cast<double>(operations) / elapsed;
  };
  std::vector<std::thread> workers;
  for (int thread = 1; thread < threads; ++thread) {
    workers.emplace_back(work, thread);
  }
  work(0);
  for (std::thread& worker : workers) worker.join();
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

}  // namespace lenslet::peers
#endif  // HWY_ONCE
