#include "base/thread_pool.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::Each;

class ThreadPoolTest : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, RunsEveryItemOnce) {
  ThreadPool pool(GetParam());
  EXPECT_EQ(pool.threads(), GetParam());
  for (int64_t items : {0, 1, 2, 3, 1000}) {
    std::vector<int> runs(items);
    pool.ParallelFor(items, [&](int thread, int64_t item) {
      ASSERT_GE(thread, 0);
      ASSERT_LT(thread, GetParam());
      ++runs[item];
    });
    EXPECT_THAT(runs, Each(1)) << items << " items";
  }
}

// A thread's own memory needs no lock; --config=tsan watches.
TEST_P(ThreadPoolTest, NamesThreadsApart) {
  ThreadPool pool(GetParam());
  std::vector<int64_t> sums(pool.threads() * 16);
  for (int round = 0; round < 200; ++round) {
    pool.ParallelFor(
        10, [&](int thread, int64_t item) { sums[thread * 16] += item; });
  }
  int64_t total = 0;
  for (int64_t sum : sums) total += sum;
  EXPECT_EQ(total, 200 * 45);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest,
                         ::testing::Values(1, 2, 3, 5));

}  // namespace
}  // namespace lenslet
