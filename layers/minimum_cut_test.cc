#include "lenslet/layers/minimum_cut.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(MinimumCutTest, WithoutSeparationsEachNodeIsWhereItIsCheaper) {
  MinimumCut cut(3);
  cut.AddCosts(0, 1, 2);
  cut.AddCosts(1, 2, 1);
  cut.AddCosts(2, 3, 3);  // Equal: the second.
  EXPECT_THAT(cut.SecondSide(), ElementsAre(false, true, true));
}

// A chain whose middle is cheaper on the second side, by 4.
TEST(MinimumCutTest, SeparatesOnlyWhereItPays) {
  for (const double separation : {1.5, 2.5}) {
    MinimumCut cut(3);
    cut.AddCosts(0, 0, 100);
    cut.AddCosts(1, 5, 1);
    cut.AddCosts(2, 0, 100);
    cut.AddSeparation(0, 1, separation);
    cut.AddSeparation(1, 2, separation);
    EXPECT_THAT(cut.SecondSide(), ElementsAre(false, separation < 2, false));
  }
}

// All splits of random graphs.
TEST(MinimumCutTest, NoOtherSplitCostsLess) {
  constexpr int kNodes = 7;
  Random random(/*seed=*/1);
  const auto cost = [&] { return static_cast<double>(random.Bits() % 100); };
  for (int graph = 0; graph < 50; ++graph) {
    MinimumCut cut(kNodes);
    std::vector<std::vector<double>> sides(kNodes);
    for (int i = 0; i < kNodes; ++i) {
      sides[i] = {cost(), cost()};
      cut.AddCosts(i, sides[i][0], sides[i][1]);
    }
    std::vector<std::vector<double>> apart(kNodes,
                                           std::vector<double>(kNodes, 0));
    for (int i = 0; i < kNodes; ++i) {
      for (int j = 0; j < i; ++j) {
        if (random.Bits() % 2 == 0) continue;
        apart[i][j] = cost();
        cut.AddSeparation(i, j, apart[i][j]);
      }
    }
    const auto sum_of = [&](const auto& is_second) {
      double sum = 0;
      for (int i = 0; i < kNodes; ++i) {
        sum += sides[i][is_second(i) ? 1 : 0];
        for (int j = 0; j < i; ++j) {
          if (is_second(i) != is_second(j)) sum += apart[i][j];
        }
      }
      return sum;
    };
    const std::vector<bool> second = cut.SecondSide();
    const double actual = sum_of([&](int i) { return second[i]; });
    for (int split = 0; split < 1 << kNodes; ++split) {
      ASSERT_LE(actual, sum_of([&](int i) { return (split >> i & 1) != 0; }))
          << "graph " << graph << ", split " << split;
    }
  }
}

}  // namespace
}  // namespace lenslet
