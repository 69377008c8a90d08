#include "lenslet/ops/receptive_field.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

Window Resolved(const Window& window) {
  return *Resolve(window, Axes::Filled(window.kernel.rank(), 1));
}

// Two windows of 3 with stride 2, one after the other:
//
//   input     0 1 2 3 4 5 6 7 8 ...
//   first     [0 1 2]=0  [2 3 4]=1  [4 5 6]=2  [6 7 8]=3
//   second    [0 1 2]=0: input 0 to 6   [2 3 4]=1: input 4 to 10
TEST(ReceptiveFieldTest, GrowsByTheJump) {
  const Window window = Resolved({.kernel = {3}, .stride = {2}});
  LENSLET_ASSERT_OK_AND_ASSIGN(const ReceptiveField first,
                               Through(window, InputField(1)));
  EXPECT_EQ(first, (ReceptiveField{.size = {3}, .jump = {2}, .start = {0}}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const ReceptiveField second,
                               Through(window, first));
  EXPECT_EQ(second, (ReceptiveField{.size = {7}, .jump = {4}, .start = {0}}));
}

TEST(ReceptiveFieldTest, PaddingMovesItAndDilationWidensIt) {
  const Window window = Resolved(
      {.kernel = {3, 5}, .dilation = {2, 1}, .padding = {{2, 1}, {0, 0}}});
  const ReceptiveField field = {
      .size = {1, 2}, .jump = {1, 3}, .start = {0, -1}};
  LENSLET_ASSERT_OK_AND_ASSIGN(const ReceptiveField result,
                               Through(window, field));
  EXPECT_EQ(result, (ReceptiveField{.size = {5, 2 + 4 * 3},
                                    .jump = {1, 3},
                                    .start = {-2, -1 - 3}}));
}

TEST(ReceptiveFieldTest, UnionOfBranches) {
  const ReceptiveField narrow = {.size = {1}, .jump = {2}, .start = {0}};
  const ReceptiveField wide = {.size = {5}, .jump = {2}, .start = {-3}};
  LENSLET_ASSERT_OK_AND_ASSIGN(const ReceptiveField both, Union(narrow, wide));
  EXPECT_EQ(both, (ReceptiveField{.size = {5}, .jump = {2}, .start = {-3}}));
  const ReceptiveField late = {.size = {2}, .jump = {2}, .start = {4}};
  LENSLET_ASSERT_OK_AND_ASSIGN(const ReceptiveField all, Union(wide, late));
  EXPECT_EQ(all, (ReceptiveField{.size = {9}, .jump = {2}, .start = {-3}}));
}

TEST(ReceptiveFieldTest, Rejects) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const Window window = Resolved({.kernel = {3}, .stride = {1 << 30}});
  EXPECT_THAT(Through(window, InputField(2)),
              StatusIs(code, HasSubstr("kernel [3] is for 1 spatial "
                                       "dimensions, the receptive field [1, "
                                       "1] has 2")));
  ReceptiveField field = *Through(window, *Through(window, InputField(1)));
  EXPECT_THAT(Through(window, field),
              StatusIs(code, HasSubstr("grows beyond 2^62 by kernel [3] with "
                                       "stride [1073741824]")));
  EXPECT_THAT(Union(InputField(1), field),
              StatusIs(code, HasSubstr("jumps [1] and [1152921504606846976]")));
}

}  // namespace
}  // namespace lenslet
