// Keeps arithmetic on numbers near zero fast.
//
// Gradients of sigmoids shrink layer by layer until they are denormal (below
// 1.2e-38 in magnitude). A CPU takes some 100 cycles for an operation on a
// denormal number. While a FlushDenormals exists, the thread that created it
// treats denormal inputs and results as zero. On CPUs without a known switch
// for this, it does nothing.

#ifndef LENSLET_BASE_DENORMALS_H_
#define LENSLET_BASE_DENORMALS_H_

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <cstdint>

namespace lenslet {

// Sets the calling thread's mode. Must be destroyed on the same thread, where
// it restores the previous mode.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : saved_(_mm_getcsr()) {
    constexpr uint32_t kFlushToZero = 0x8000;
    constexpr uint32_t kDenormalsAreZero = 0x0040;
    _mm_setcsr(saved_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() { _mm_setcsr(saved_); }
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    constexpr uint64_t kFlushToZero = uint64_t{1} << 24;
    asm volatile("msr fpcr, %0" : : "r"(saved_ | kFlushToZero));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }
#else
  FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE__)
  uint32_t saved_;
#elif defined(__aarch64__)
  uint64_t saved_;
#endif
};

}  // namespace lenslet

#endif  // LENSLET_BASE_DENORMALS_H_
