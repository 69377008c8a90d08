// Measures how long something takes.

#ifndef LENSLET_BASE_SCOPED_TIMER_H_
#define LENSLET_BASE_SCOPED_TIMER_H_

#include <chrono>

namespace lenslet {

// By the clock that nobody sets.
inline double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// Adds the seconds of its own life to `*seconds`; does nothing, at no cost, if
// that is null.
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
