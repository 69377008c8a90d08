#include "base/thread_pool.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<ThreadPool>> ThreadPool::Create(int threads) {
  if (threads < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads are ", threads, ", at least 1 is needed"));
  }
  std::unique_ptr<ThreadPool> pool(new ThreadPool);
  for (int thread = 1; thread < threads; ++thread) {
    // The only way that the standard library has to say that there are no more.
    try {
      pool->workers_.emplace_back(&ThreadPool::Work, pool.get(), thread);
    } catch (const std::system_error& error) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the system gives ", thread, " threads, not ", threads,
                       ": ", error.what()));
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
  {
    std::lock_guard<std::mutex> lock(mutex_);
    LENSLET_CHECK(body_ == nullptr);
    body_ = &body;
    items_ = items;
    next_item_.store(0, std::memory_order_relaxed);
    running_ = static_cast<int>(workers_.size());
    ++round_;
  }
  start_.notify_all();
  TakeItems(0, body);
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
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
    const Body* body;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      start_.wait(lock, [&] { return stopping_ || round_ != finished_round; });
      if (stopping_) return;
      finished_round = round_;
      body = body_;
    }
    TakeItems(thread, *body);
    bool last;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      last = --running_ == 0;
    }
    if (last) done_.notify_one();
  }
}

}  // namespace lenslet
