#include "lenslet/layers/arena_plan.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kSteps = 12;

std::vector<BufferLifetime> RandomBuffers(Random& random) {
  std::vector<BufferLifetime> buffers(random.Below(30));
  for (BufferLifetime& buffer : buffers) {
    buffer.size = random.Below(20);
    buffer.first = static_cast<int>(random.Below(kSteps));
    buffer.last =
        buffer.first + static_cast<int>(random.Below(kSteps - buffer.first));
  }
  return buffers;
}

// Marks each unit of the arena at each step.
TEST(ArenaPlanTest, BuffersAliveTogetherNeverOverlap) {
  Random random(/*seed=*/1);
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const std::vector<BufferLifetime> buffers = RandomBuffers(random);
    const ArenaPlan plan = PlanArena(buffers);
    ASSERT_EQ(plan.offsets.size(), buffers.size());
    int64_t end = 0;
    int64_t most_alive = 0;
    for (int step = 0; step < kSteps; ++step) {
      std::vector<bool> taken(plan.size);
      int64_t alive = 0;
      for (size_t i = 0; i < buffers.size(); ++i) {
        ASSERT_GE(plan.offsets[i], 0);
        ASSERT_LE(plan.offsets[i] + buffers[i].size, plan.size);
        end = std::max(end, plan.offsets[i] + buffers[i].size);
        if (step < buffers[i].first || step > buffers[i].last) continue;
        alive += buffers[i].size;
        for (int64_t unit = 0; unit < buffers[i].size; ++unit) {
          ASSERT_FALSE(taken[plan.offsets[i] + unit])
              << "buffer " << i << " at step " << step;
          taken[plan.offsets[i] + unit] = true;
        }
      }
      most_alive = std::max(most_alive, alive);
    }
    // The arena has no room that nobody uses, and is no smaller than it can be.
    EXPECT_EQ(plan.size, end);
    EXPECT_GE(plan.size, most_alive);
  }
}

TEST(ArenaPlanTest, BuffersWithDisjointLifetimesShare) {
  const ArenaPlan plan = PlanArena(
      {{.size = 8, .first = 0, .last = 1}, {.size = 5, .first = 2, .last = 2}});
  EXPECT_THAT(plan.offsets, ElementsAre(0, 0));
  EXPECT_EQ(plan.size, 8);
}

TEST(ArenaPlanTest, BuffersThatMeetInOneStepDoNotShare) {
  const ArenaPlan plan = PlanArena(
      {{.size = 8, .first = 0, .last = 1}, {.size = 5, .first = 1, .last = 2}});
  EXPECT_THAT(plan.offsets, ElementsAre(0, 8));
  EXPECT_EQ(plan.size, 13);
}

// As in a network without branches: each buffer is needed with the one before
// it and the one after it.
TEST(ArenaPlanTest, AChainOfEqualBuffersNeedsTwo) {
  for (int count : {2, 3, 4, 25}) {
    std::vector<BufferLifetime> chain;
    for (int i = 0; i < count; ++i) {
      chain.push_back({.size = 10, .first = i, .last = i + 1});
    }
    EXPECT_EQ(PlanArena(chain).size, 20) << count << " buffers";
  }
}

// The second buffer lies between the first and the third, and ends early.
TEST(ArenaPlanTest, AHoleIsReused) {
  const ArenaPlan plan = PlanArena({{.size = 10, .first = 0, .last = 3},
                                    {.size = 6, .first = 0, .last = 1},
                                    {.size = 5, .first = 0, .last = 3},
                                    {.size = 4, .first = 2, .last = 3}});
  EXPECT_THAT(plan.offsets, ElementsAre(0, 10, 16, 10));
  EXPECT_EQ(plan.size, 21);
}

TEST(ArenaPlanTest, AHoleThatIsTooSmallIsNot) {
  const ArenaPlan plan = PlanArena({{.size = 10, .first = 0, .last = 1},
                                    {.size = 9, .first = 0, .last = 3},
                                    {.size = 8, .first = 2, .last = 3},
                                    {.size = 3, .first = 2, .last = 3}});
  EXPECT_THAT(plan.offsets, ElementsAre(0, 10, 0, 19));
  EXPECT_EQ(plan.size, 22);
}

TEST(ArenaPlanTest, NoBuffersNeedNoMemory) {
  const ArenaPlan plan = PlanArena({});
  EXPECT_THAT(plan.offsets, IsEmpty());
  EXPECT_EQ(plan.size, 0);
}

}  // namespace
}  // namespace lenslet
