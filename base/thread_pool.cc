#include "lenslet/base/thread_pool.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"

namespace lenslet {
namespace {

// Some 50 us: waking a thread takes about as long, and training has a wait of
// less than that between its rounds.
constexpr int kSpins = 2000;

template <typename Condition>
bool SpinUntil(Condition condition) {
  for (int i = 0; i < kSpins; ++i) {
    if (condition()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ThreadPool>> ThreadPool::Create(int threads) {
  if (threads < 1) {
    return BadValue("threads", threads, "at least 1");
  }
  std::unique_ptr<ThreadPool> pool(new ThreadPool);
  for (int thread = 1; thread < threads; ++thread) {
    // The only way that the standard library has to say that there are no more.
    try {
      pool->workers_.emplace_back(&ThreadPool::Work, pool.get(), thread);
    } catch (const std::system_error& error) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the system provides only ", thread, " of ", threads,
                       " threads: ", error.what()));
    }
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::ParallelFor(int64_t items, Body body) {
  if (workers_.empty() || items <= 1) {
    for (int64_t item = 0; item < items; ++item) body(0, item);
    return;
  }
  LENSLET_CHECK(body_ == nullptr);
  body_ = &body;
  items_ = items;
  next_item_ = 0;
  running_ = static_cast<int>(workers_.size());
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++round_;  // From here on the workers read what was written above.
  }
  start_.notify_all();
  TakeItems(0, body);
  const auto done = [this] { return running_ == 0; };
  if (!SpinUntil(done)) {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, done);
  }
  body_ = nullptr;
}

void ThreadPool::TakeItems(int thread, const Body& body) {
  while (true) {
    const int64_t item = next_item_.fetch_add(1, std::memory_order_relaxed);
    if (item >= items_) return;
    body(thread, item);
  }
}

void ThreadPool::Work(int thread) {
  int64_t finished_round = 0;
  while (true) {
    const auto wanted = [&] { return stopping_ || round_ != finished_round; };
    if (!SpinUntil(wanted)) {
      std::unique_lock<std::mutex> lock(mutex_);
      start_.wait(lock, wanted);
    }
    if (stopping_) return;
    ++finished_round;
    TakeItems(thread, *body_);
    if (--running_ == 0) {
      // Whoever sleeps has seen it above 0 under the mutex.
      { std::lock_guard<std::mutex> lock(mutex_); }
      done_.notify_one();
    }
  }
}

}  // namespace lenslet
