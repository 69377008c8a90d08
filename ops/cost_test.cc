#include "lenslet/ops/cost.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(CostTest, AFloatHasFourBytes) {
  Cost cost;
  LENSLET_ASSERT_OK(
      SetBytes({.input = 10, .weight = 20, .bias = 3, .output = 1}, cost));
  EXPECT_EQ(cost.input_bytes, 40);
  EXPECT_EQ(cost.parameter_bytes, 92);
  EXPECT_EQ(cost.output_bytes, 4);
  EXPECT_EQ(cost.bytes(), 136);
}

TEST(CostTest, TheLargestArraysCanBeAddedUp) {
  const int64_t most = int64_t{1} << 58;
  Cost cost;
  LENSLET_ASSERT_OK(SetBytes(
      {.input = most, .weight = most, .bias = most, .output = most}, cost));
  EXPECT_EQ(cost.bytes(), int64_t{1} << 62);
  EXPECT_THAT(SetBytes({.weight = most + 1}, cost),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("an array has 288230376151711745 floats; "
                                 "expected at most 288230376151711744")));
}

}  // namespace
}  // namespace lenslet
