// The most fused multiply-adds that the machine's cores do.

#ifndef LENSLET_BENCHMARKS_PEERS_FMA_PEAK_H_
#define LENSLET_BENCHMARKS_PEERS_FMA_PEAK_H_

namespace lenslet::peers {

// Returns the floating-point operations per second, two for each fp32
// multiply-add, that `threads` threads reach together: each works for about
// `seconds` on registers alone, on the widest vectors that the CPU has.
double MeasureFmaPeak(int threads, double seconds);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_FMA_PEAK_H_
