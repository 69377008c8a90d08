#include "lenslet/base/thread_pool.h"

#include <sys/resource.h>

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::Each;

class ThreadPoolTest : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, RunsEveryItemOnce) {
  LENSLET_ASSERT_OK_AND_ASSIGN(auto pool, ThreadPool::Create(GetParam()));
  EXPECT_EQ(pool->threads(), GetParam());
  for (int64_t items : {0, 1, 2, 3, 1000}) {
    std::vector<int> runs(items);
    pool->ParallelFor(items, [&](int thread, int64_t item) {
      ASSERT_GE(thread, 0);
      ASSERT_LT(thread, GetParam());
      ++runs[item];
    });
    EXPECT_THAT(runs, Each(1)) << items << " items";
  }
}

// A thread's own memory needs no lock; --config=tsan watches.
TEST_P(ThreadPoolTest, NamesThreadsApart) {
  LENSLET_ASSERT_OK_AND_ASSIGN(auto pool, ThreadPool::Create(GetParam()));
  std::vector<int64_t> sums(pool->threads() * 16);
  for (int round = 0; round < 200; ++round) {
    pool->ParallelFor(
        10, [&](int thread, int64_t item) { sums[thread * 16] += item; });
  }
  int64_t total = 0;
  for (int64_t sum : sums) total += sum;
  EXPECT_EQ(total, 200 * 45);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest,
                         ::testing::Values(1, 2, 3, 5));

TEST(ThreadPoolTest, NeedsAThread) {
  EXPECT_THAT(ThreadPool::Create(0),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "threads is 0; expected at least 1"));
}

// Each thread takes address space for its stack; a limit on that stands in for
// a system that has no more threads.
TEST(ThreadPoolTest, SaysThatThereAreNoMoreThreads) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take address space of their own";
#endif
  rlimit unlimited;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &unlimited), 0);
  const rlimit small = {.rlim_cur = rlim_t{1} << 30,
                        .rlim_max = unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &small), 0);
  const absl::Status status = ThreadPool::Create(1000).status();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &unlimited), 0);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               ::testing::HasSubstr("of 1000 threads: ")));
}

}  // namespace
}  // namespace lenslet
