// Measures how long a scope takes.

#ifndef LENSLET_BASE_SCOPED_TIMER_H_
#define LENSLET_BASE_SCOPED_TIMER_H_

#include <chrono>

namespace lenslet {

// Adds the seconds of its own life to `*seconds`; does nothing, at no cost, if
// that is null.
class ScopedTimer {
 public:
  explicit ScopedTimer(double* seconds) : seconds_(seconds) {
    if (seconds_ != nullptr) start_ = Clock::now();
  }
  ~ScopedTimer() {
    if (seconds_ == nullptr) return;
    *seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
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
