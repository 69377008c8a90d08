// A thread pool that runs the items of a loop in parallel.

#ifndef LENSLET_BASE_THREAD_POOL_H_
#define LENSLET_BASE_THREAD_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace lenslet {

class ThreadPool {
 public:
  // Starts threads - 1 threads: the caller of ParallelFor() is the last one.
  // Errors: InvalidArgument if `threads` is less than 1; ResourceExhausted if
  // the system cannot start that many.
  static absl::StatusOr<std::unique_ptr<ThreadPool>> Create(int threads);
  // Waits for the threads to end.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(thread, item) once for each item in [0, items), and returns when
  // all calls have returned. `thread` in [0, threads()) identifies the calling
  // thread, so that each thread can use separate memory. Which thread runs
  // which item, and in what order, varies between runs. Calls must not overlap;
  // a body must not call ParallelFor().
  void ParallelFor(int64_t items,
                   absl::FunctionRef<void(int thread, int64_t item)> body);

 private:
  ThreadPool() = default;

  using Body = absl::FunctionRef<void(int thread, int64_t item)>;

  void Work(int thread);
  void TakeItems(int thread, const Body& body);

  std::vector<std::thread> workers_;

  // The current loop. Written only while no thread runs.
  const Body* body_ = nullptr;
  int64_t items_ = 0;
  std::atomic<int64_t> next_item_{0};

  // Threads that wait for these spin for a while, then sleep. mutex_ is held
  // while changing a value that a sleeping thread waits for.
  std::atomic<int64_t> round_{0};
  std::atomic<int> running_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable done_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_THREAD_POOL_H_
