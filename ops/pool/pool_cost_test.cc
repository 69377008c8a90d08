#include "lenslet/ops/pool/pool_cost.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// By hand: 8 pixels and 2 on each side, of which windows of 2 cut 6; 3 * 6 * 6
// windows of 4 pixels. With 2 on both sides together there are 3 * 5 * 5.
TEST(PoolOperationsTest, PaddingIsPerSideOrInTotal) {
  PoolCostInput input = {.channels = 3,
                         .size = {8, 8},
                         .kernel = {2, 2},
                         .padding = {2, 2},
                         .stride = {2, 2}};
  LENSLET_ASSERT_OK_AND_ASSIGN(const int64_t per_side, PoolOperations(input));
  EXPECT_EQ(per_side, 432);
  input.convention = PaddingConvention::kTotal;
  LENSLET_ASSERT_OK_AND_ASSIGN(const int64_t total, PoolOperations(input));
  EXPECT_EQ(total, 300);
}

// 5, 4 and 3 windows of 3, 2 and 1 number.
TEST(PoolOperationsTest, HasOneToThreeAxes) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const int64_t line,
      PoolOperations({.size = {11}, .kernel = {3}, .stride = {2}}));
  EXPECT_EQ(line, 5 * 3);
  LENSLET_ASSERT_OK_AND_ASSIGN(const int64_t clip,
                               PoolOperations({.channels = 7,
                                               .size = {11, 5, 9},
                                               .kernel = {3, 2, 1},
                                               .stride = {2, 1, 4}}));
  EXPECT_EQ(clip, 7 * (5 * 3) * (4 * 2) * (3 * 1));
}

TEST(PoolOperationsTest, TheStrideIsTheKernelIfThereIsNone) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const int64_t operations,
      PoolOperations({.size = {7, 9}, .kernel = {2, 3}}));
  EXPECT_EQ(operations, 3 * 3 * 6);
}

struct RejectedOperations {
  std::string name;
  PoolCostInput input;
  std::string message;
};

class PoolOperationsRejectedTest
    : public ::testing::TestWithParam<RejectedOperations> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, PoolOperationsRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedOperations>{
        {"NoChannels",
         {.channels = 0, .size = {8}, .kernel = {2}},
         "channels is 0; expected at least 1"},
        {"NegativeChannels",
         {.channels = -3, .size = {8}, .kernel = {2}},
         "channels is -3; expected at least 1"},
        {"NoKernel", {.size = {8}}, "kernel is empty"},
        {"NegativeKernel",
         {.size = {8}, .kernel = {-2}, .stride = {1}},
         "kernel [-2] has -2"},
        {"NoSize", {.kernel = {2}}, "kernel [2] is for 1 spatial dimensions"},
        {"NegativeSize", {.size = {-8}, .kernel = {2}}, "input size [-8]"},
        {"ZeroStride",
         {.size = {8}, .kernel = {2}, .stride = {0}},
         "stride [0] has 0"},
        {"NegativePadding",
         {.size = {8}, .kernel = {2}, .padding = {-1}},
         "padding before [-1] has -1"},
        {"KernelAboveImage",
         {.size = {8, 8}, .kernel = {2, 9}},
         "covers 9 positions of axis 1, more than the padded input's 8"},
        {"PaddingOfOtherAxes",
         {.size = {8, 8}, .kernel = {2, 2}, .padding = {1}},
         "padding before [1] has 1 number; expected 2, as many as the kernel"},
        {"TooMany",
         {.channels = int64_t{1} << 40,
          .size = {kMaxAxisSize},
          .kernel = {kMaxAxisSize / 2},
          .stride = {1}},
         "of 1099511627776 channels needs more operations than 64 bits can "
         "count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(PoolOperationsRejectedTest, SaysWhy) {
  EXPECT_THAT(PoolOperations(GetParam().input),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(GetParam().message)));
}

}  // namespace
}  // namespace lenslet
