#include "lenslet/tensor/all_close.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(AllCloseTest, AcceptsWhatIsWithinTolerance) {
  LENSLET_EXPECT_OK(AllClose(Tensor::Of({2}, {1, 2}), Tensor::Of({2}, {1, 2})));
  LENSLET_EXPECT_OK(AllClose(Tensor::Of({2}, {1.5, 100}),
                             Tensor::Of({2}, {1, 104}),
                             {.absolute = 0.5, .relative = 0.04}));
}

TEST(AllCloseTest, NamesTheWorstElement) {
  EXPECT_THAT(AllClose(Tensor::Of({2, 2}, {1, 2, 3.5, 4.25}),
                       Tensor::Of({2, 2}, {1, 2, 3, 4}), {.absolute = 0.125}),
              StatusIs(absl::StatusCode::kOutOfRange,
                       "2 of 4 elements differ; the worst is [1, 0]: 3.5; "
                       "expected 3, a difference of 0.5 where 0.125 is "
                       "allowed"));
}

TEST(AllCloseTest, ComparesShapes) {
  EXPECT_THAT(
      AllClose(Tensor({2, 3}), Tensor({3, 2})),
      StatusIs(absl::StatusCode::kOutOfRange, "shape [2, 3]; expected [3, 2]"));
}

TEST(AllCloseTest, NanIsCloseToNothing) {
  const Tolerance loose = {.absolute = INFINITY};
  EXPECT_THAT(AllClose(Tensor::Of({1}, {NAN}), Tensor::Of({1}, {1}), loose),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("nan")));
  EXPECT_THAT(AllClose(Tensor::Of({1}, {1}), Tensor::Of({1}, {NAN}), loose),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("nan")));
}

TEST(AllCloseTest, AnInfinityIsCloseToItselfOnly) {
  const Tolerance relative = {.relative = 0.1};
  LENSLET_EXPECT_OK(
      AllClose(Tensor::Of({1}, {INFINITY}), Tensor::Of({1}, {INFINITY})));
  EXPECT_THAT(
      AllClose(Tensor::Of({1}, {1}), Tensor::Of({1}, {INFINITY}), relative),
      StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("inf")));
  EXPECT_THAT(
      AllClose(Tensor::Of({1}, {INFINITY}), Tensor::Of({1}, {1}), relative),
      StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("inf")));
}

}  // namespace
}  // namespace lenslet
