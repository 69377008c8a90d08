#include "lenslet/ops/window_text.h"

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(WindowTextTest, SaysWhatIsNotAsUsual) {
  EXPECT_EQ(WindowText({.kernel = {5, 3}}), "5 x 3");
  EXPECT_EQ(WindowText({.kernel = {7}, .stride = {1}, .dilation = {1}}), "7");
  EXPECT_EQ(WindowText({.kernel = {2, 2},
                        .stride = {2, 2},
                        .dilation = {1, 3},
                        .padding = {1, 1}}),
            "2 x 2, stride 2, dilation 1 x 3, padding 1");
}

TEST(PaddingTextTest, TellsSidesApart) {
  EXPECT_EQ(PaddingText({}), "");
  EXPECT_EQ(PaddingText({0, 0}), "");
  EXPECT_EQ(PaddingText({2, 3}), "padding 2 x 3");
  EXPECT_EQ(PaddingText({{0, 0}, {1, 1}}), "padding 0 before, 1 after");
  EXPECT_EQ(PaddingText(Padding({}, {1, 2})), "padding 0 before, 1 x 2 after");
}

}  // namespace
}  // namespace lenslet
