// Threads that share out the items of a loop.

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
  // Errors: InvalidArgument for less than one, ResourceExhausted if the system
  // gives no more.
  static absl::StatusOr<std::unique_ptr<ThreadPool>> Create(int threads);
  // Waits for the threads to end.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(thread, item) once for each item in [0, items), and returns when
  // all calls have. `thread` in [0, threads()) names the calling thread, so
  // that it can have memory of its own. Which thread gets which item, and in
  // what order, differs from run to run. One call at a time; not from a body.
  void ParallelFor(int64_t items,
                   absl::FunctionRef<void(int thread, int64_t item)> body);

 private:
  ThreadPool() = default;

  using Body = absl::FunctionRef<void(int thread, int64_t item)>;

  void Work(int thread);
  void TakeItems(int thread, const Body& body);

  std::vector<std::thread> workers_;

  // What the round's items are; written while no thread runs.
  const Body* body_ = nullptr;
  int64_t items_ = 0;
  std::atomic<int64_t> next_item_{0};

  // A thread that waits for these spins for a while, then sleeps: mutex_ is
  // held when they change what a sleeper waits for.
  std::atomic<int64_t> round_{0};
  std::atomic<int> running_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable done_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_THREAD_POOL_H_
