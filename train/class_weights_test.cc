#include "lenslet/train/class_weights.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 12 examples of 3 classes: 4 of each would be balanced.
TEST(BalancedClassWeightsTest, ByHand) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<float> weights,
      BalancedClassWeights(std::vector<int64_t>{8, 2, 2}));
  EXPECT_THAT(weights, ElementsAre(0.5f, 2.0f, 2.0f));
}

TEST(BalancedClassWeightsTest, OfBalancedClassesAreOne) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<float> weights,
      BalancedClassWeights(std::vector<int64_t>{6000, 6000}));
  EXPECT_THAT(weights, ElementsAre(1.0f, 1.0f));
}

TEST(BalancedClassWeightsTest, NeedAnExampleOfEachClass) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(BalancedClassWeights(std::vector<int64_t>{3, 0, 1}),
              StatusIs(code, HasSubstr("class 1 has 0 examples")));
  EXPECT_THAT(BalancedClassWeights(std::vector<int64_t>{3, 2, -1}),
              StatusIs(code, HasSubstr("class 2 has -1 examples")));
  EXPECT_THAT(
      BalancedClassWeights({}),
      StatusIs(code,
               HasSubstr("the number of classes is 0; expected at least 1")));
}

}  // namespace
}  // namespace lenslet
