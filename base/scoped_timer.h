// Measures how long something takes.

#ifndef LENSLET_BASE_SCOPED_TIMER_H_
#define LENSLET_BASE_SCOPED_TIMER_H_

#include <chrono>

namespace lenslet {

// Returns the seconds since `start`, on a clock that is never adjusted.
inline double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// Adds its lifetime in seconds to `*seconds`. If `seconds` is null, it does
// nothing and costs nothing.
class ScopedTimer {
 public:
  explicit ScopedTimer(double* seconds) : seconds_(seconds) {
    if (seconds_ != nullptr) start_ = Clock::now();
  }
  ~ScopedTimer() {
    if (seconds_ == nullptr) return;
    *seconds_ += SecondsSince(start_);
  }
  ScopedTimer(const ScopedTimer&) = delete;
  ScopedTimer& operator=(const ScopedTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double* const seconds_;
  Clock::time_point start_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_SCOPED_TIMER_H_
