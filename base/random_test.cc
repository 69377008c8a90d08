#include "lenslet/base/random.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// The values that users' seeds stand for: a change here changes every run.
TEST(RandomTest, GivesTheSameNumbersOnEveryMachine) {
  Random random(1);
  EXPECT_THAT((std::vector<int64_t>{random.Below(1000), random.Below(1000),
                                    random.Below(1000), random.Below(1000)}),
              ElementsAre(980, 90, 498, 220));
}

TEST(RandomTest, StreamsAndSeedsDiffer) {
  EXPECT_NE(Random(1, 0).Bits(), Random(1, 1).Bits());
  EXPECT_NE(Random(1, 0).Bits(), Random(2, 0).Bits());
  // A seed's stream is not the next seed's.
  EXPECT_NE(Random(1, 1).Bits(), Random(2, 0).Bits());
}

TEST(RandomTest, BelowReachesEveryValueEquallyOften) {
  Random random(7);
  constexpr int kDraws = 70000;
  std::vector<int> counts(7);
  for (int i = 0; i < kDraws; ++i) ++counts[random.Below(7)];
  // A count has standard deviation sqrt(70000 * 1/7 * 6/7) = 93; five of them.
  for (int count : counts) EXPECT_NEAR(count, 10000, 465);
}

TEST(RandomTest, UniformHasItsMomentsAndRange) {
  Random random(3);
  constexpr int kDraws = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.Uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  // Five standard errors: sqrt(1/12/1e5) = 9.1e-4, sqrt(4/45/1e5) = 9.4e-4.
  EXPECT_NEAR(sum / kDraws, 1.0 / 2, 4.6e-3);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 4.7e-3);
}

TEST(RandomTest, NormalHasItsMomentsAndTails) {
  Random random(4);
  constexpr int kDraws = 100000;
  double sum = 0, squares = 0;
  int beyond_two = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Normal();
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2;
  }
  // Five standard errors: 1/sqrt(1e5), sqrt(2/1e5), sqrt(.0455*.9545/1e5).
  EXPECT_NEAR(sum / kDraws, 0, 1.6e-2);
  EXPECT_NEAR(squares / kDraws, 1, 2.3e-2);
  EXPECT_NEAR(beyond_two / double{kDraws}, 0.0455, 3.3e-3);
}

}  // namespace
}  // namespace lenslet
