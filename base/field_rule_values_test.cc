#include "lenslet/base/field_rule_values.h"

#include <limits>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(FieldRuleValuesTest, RangesIncludeOrExcludeTheirEnds) {
  const FieldRuleValues rule = {.min = 0, .below = 1};
  EXPECT_TRUE(Fits(0, rule));
  EXPECT_FALSE(Fits(1, rule));
  EXPECT_FALSE(Fits(-1e-9, rule));
  EXPECT_TRUE(Fits(1, {.above = 0, .max = 1}));
  EXPECT_FALSE(Fits(0, {.above = 0, .max = 1}));
  EXPECT_FALSE(Fits(std::numeric_limits<double>::infinity(), {}));
  EXPECT_FALSE(Fits(std::numeric_limits<double>::quiet_NaN(), {}));
}

TEST(FieldRuleValuesTest, SaysWhatFits) {
  EXPECT_EQ(ExpectedNumber({.min = 0, .below = 1}), "a number in [0, 1)");
  EXPECT_EQ(ExpectedNumber({.above = 0, .max = 0.5, .unit = "degrees"}),
            "a number in (0, 0.5], in degrees");
  EXPECT_EQ(ExpectedNumber({.min = 1}), "a number of at least 1");
  EXPECT_EQ(ExpectedNumber({.above = 0}), "a positive number");
  EXPECT_EQ(ExpectedNumber({.above = 2}), "a number above 2");
  EXPECT_EQ(ExpectedNumber({.max = 1000000}), "a number of at most 1000000");
  EXPECT_EQ(ExpectedNumber({}), "a finite number");
}

}  // namespace
}  // namespace lenslet
