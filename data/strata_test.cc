#include "lenslet/data/strata.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

int64_t Count(const std::vector<bool>& chosen) {
  return std::count(chosen.begin(), chosen.end(), true);
}

// A tenth of 100 values: one of each ten neighbors.
TEST(ChooseByValueTest, TakesTheSameShareOfEachBin) {
  std::vector<float> values;
  for (int i = 0; i < 100; ++i)
    values.push_back(static_cast<float>(i * 37 % 100));
  for (const uint64_t seed : {1, 2, 3}) {
    const std::vector<bool> chosen = ChooseByValue(values, 0.1, seed);
    std::vector<int> of_bin(10);
    for (int i = 0; i < 100; ++i) {
      if (chosen[i]) ++of_bin[static_cast<int>(values[i]) / 10];
    }
    EXPECT_THAT(of_bin, ::testing::Each(1));
    EXPECT_EQ(ChooseByValue(values, 0.1, seed), chosen);
    EXPECT_NE(ChooseByValue(values, 0.1, seed + 10), chosen);
  }
}

TEST(ChooseByValueTest, TakesTheRightNumberOfAny) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Random random(/*seed=*/1);
  for (int64_t size = 0; size < 60; ++size) {
    std::vector<float> values;
    for (int64_t i = 0; i < size; ++i) {
      values.push_back(
          random.Below(9) == 0 ? nan : static_cast<float>(random.Below(5)));
    }
    for (const double fraction : {0.0, 0.01, 0.1, 0.3, 0.5, 0.77, 0.999}) {
      EXPECT_EQ(Count(ChooseByValue(values, fraction, 1)),
                std::min<int64_t>(std::llround(fraction * size),
                                  std::max<int64_t>(size - 1, 0)))
          << size << " " << fraction;
    }
  }
}

// Of 400 examples, label 0 is rare, label 1 frequent, label 2 always with 0.
TEST(ChooseByLabelsTest, KeepsTheShareOfEachLabel) {
  Random random(/*seed=*/2);
  std::vector<std::vector<int32_t>> labels(400);
  std::vector<int64_t> counts(4);
  for (int i = 0; i < 400; ++i) {
    if (i % 20 == 0) labels[i] = {0, 2};
    if (random.Below(2) == 0) labels[i].push_back(1);
    if (random.Below(5) == 0) labels[i].push_back(3);
    for (const int32_t l : labels[i]) ++counts[l];
  }
  for (const double fraction : {0.1, 0.25, 0.5}) {
    const std::vector<bool> chosen = ChooseByLabels(labels, 4, fraction, 7);
    std::vector<double> found(4);
    for (int i = 0; i < 400; ++i) {
      for (const int32_t l : labels[i]) found[l] += chosen[i];
    }
    for (int l = 0; l < 4; ++l) {
      EXPECT_NEAR(found[l], fraction * static_cast<double>(counts[l]), 2) << l;
    }
    EXPECT_EQ(found[0], fraction * 20);
    EXPECT_NEAR(Count(chosen), fraction * 400, 4);
    EXPECT_EQ(ChooseByLabels(labels, 4, fraction, 7), chosen);
    EXPECT_NE(ChooseByLabels(labels, 4, fraction, 8), chosen);
  }
}

TEST(ChooseByLabelsTest, OfFewExamples) {
  EXPECT_TRUE(ChooseByLabels({}, 3, 0.5, 1).empty());
  // One stays, whatever the fraction.
  const std::vector<std::vector<int32_t>> same = {{0}, {0}, {0}};
  EXPECT_EQ(Count(ChooseByLabels(same, 1, 0.999, 1)), 2);
  EXPECT_EQ(Count(ChooseByLabels(same, 1, 0, 1)), 0);
  const std::vector<std::vector<int32_t>> none(10);
  EXPECT_EQ(Count(ChooseByLabels(none, 0, 0.3, 1)), 3);
}

}  // namespace
}  // namespace lenslet
