#include "lenslet/train/metrics/value_errors.h"

#include <cmath>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/train/metrics/ratio.h"

namespace lenslet {
namespace {

// Errors of 1 -3 0 and 0.
TEST(ValueErrorsTest, ByHand) {
  ValueErrors errors =
      SumValueErrors(std::vector<float>{2, -1}, std::vector<float>{1, 2});
  EXPECT_EQ(errors.mean_absolute_error(), 2);
  EXPECT_EQ(errors.mean_squared_error(), 5);
  EXPECT_EQ(errors.root_mean_squared_error(), std::sqrt(5));
  errors.Add(
      SumValueErrors(std::vector<float>{4, 5}, std::vector<float>{4, 5}));
  EXPECT_EQ(errors.numbers, 4);
  EXPECT_EQ(errors.mean_absolute_error(), 1);
  EXPECT_EQ(errors.mean_squared_error(), 2.5);
}

TEST(ValueErrorsTest, OfNothingAreZero) {
  EXPECT_EQ(ValueErrors().mean_absolute_error(), 0);
  EXPECT_EQ(ValueErrors().mean_squared_error(), 0);
  EXPECT_EQ(ValueErrors().root_mean_squared_error(), 0);
}

// Targets 1 2 3 4 have squares of 9/4 1/4 1/4 9/4 around their mean, 5 in all;
// the errors 1 0 -1 0 have 2. The mean itself has 0, and 4 3 2 1, whose errors
// are 3 1 -1 -3, 1 - 20/5.
TEST(R2Test, ByHand) {
  const std::vector<float> targets = {1, 2, 3, 4};
  const auto r2 = [&](const std::vector<float>& outputs) {
    return R2OfColumns(outputs, targets, 1)[0];
  };
  EXPECT_EQ(r2({2, 2, 2, 4}), 0.6);
  EXPECT_EQ(r2({1, 2, 3, 4}), 1);
  EXPECT_EQ(r2({2.5, 2.5, 2.5, 2.5}), 0);
  EXPECT_EQ(r2({4, 3, 2, 1}), -3);
}

TEST(R2Test, OfColumns) {
  const std::vector<std::optional<double>> r2 = R2OfColumns(
      std::vector<float>{2, 7, 5, 2, 7, 6, 2, 7, 7, 4, 7, 8},
      std::vector<float>{1, 0.1f, 5, 2, 0.1f, 6, 3, 0.1f, 7, 4, 0.1f, 8}, 3);
  ASSERT_EQ(r2.size(), 3u);
  EXPECT_EQ(r2[0], 0.6);
  EXPECT_EQ(r2[1], std::nullopt);  // Of targets that are all 0.1.
  EXPECT_EQ(r2[2], 1);
  EXPECT_EQ(MeanOfPresent(r2), 0.8);
  EXPECT_EQ(R2OfColumns({}, {}, 1)[0], std::nullopt);
}

// A block of several rows and blocks of one have the same, up to rounding.
TEST(R2Test, AddsUpBlockByBlock) {
  const std::vector<float> outputs = {2, 9, 2, 9, 2, 9, 4, 9};
  const std::vector<float> targets = {1000001, 7, 1000002, 7,
                                      1000003, 7, 1000004, 7};
  std::vector<float> near = outputs;
  for (size_t i = 0; i < near.size(); i += 2) near[i] += 1'000'000;
  for (const size_t rows : {1, 2, 3}) {
    R2Sums sums(2);
    for (size_t n = 0; n < 4; n += rows) {
      R2Sums block(2);
      block.Add(absl::MakeConstSpan(near).subspan(2 * n, 2 * rows),
                absl::MakeConstSpan(targets).subspan(2 * n, 2 * rows));
      sums.Add(block);
      sums.Add(R2Sums(2));
    }
    const std::vector<std::optional<double>> r2 = sums.r2();
    // Means near 1e6 are rounded to within 1e-10, and their squares' part in
    // the sum of 5 is as small.
    EXPECT_NEAR(r2[0].value(), 0.6, 1e-9);
    EXPECT_EQ(r2[1], std::nullopt);
  }
  EXPECT_EQ(R2Sums(1).r2()[0], std::nullopt);
}

// Sums of squares about the mean of targets near 1e6 would cancel if they were
// computed from sums of squares.
TEST(R2Test, OfTargetsFarFromZero) {
  EXPECT_EQ(
      R2OfColumns(std::vector<float>{1000002, 1000002, 1000002, 1000004},
                  std::vector<float>{1000001, 1000002, 1000003, 1000004}, 1)[0],
      0.6);
}

}  // namespace
}  // namespace lenslet
