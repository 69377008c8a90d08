#include "lenslet/inspect/heat_map.h"

#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(ResizeMapTest, InterpolatesBetweenCenters) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor wide,
                               ResizeMap(Tensor::Of({1, 2}, {0, 1}), 2, 4));
  EXPECT_EQ(wide.shape(), Shape({2, 4}));
  EXPECT_THAT(wide.span(), ElementsAre(0, 0.25, 0.75, 1, 0, 0.25, 0.75, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor same, ResizeMap(Tensor::Of({2, 2}, {1, 2, 3, 4}), 2, 2));
  EXPECT_THAT(same.span(), ElementsAre(1, 2, 3, 4));
}

// 0.3 * 100 + 0.7 * (178, 24, 43), and half of the color for half of the value.
TEST(HeatMapTest, ColorsGrayByTheMap) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor picture,
      HeatMap(Tensor::Of<uint8_t>({1, 3, 1}, {100, 100, 100}),
              Tensor::Of({1, 3}, {2, -1, 0})));
  EXPECT_EQ(picture.shape(), Shape({1, 3, 3}));
  EXPECT_THAT(picture.span<uint8_t>(),
              ElementsAre(155, 47, 60, 77, 101, 125, 100, 100, 100));
}

TEST(HeatMapTest, WithoutHeatIsGray) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor picture, HeatMap(Tensor::Of<uint8_t>({1, 1, 3}, {255, 0, 0}),
                                    Tensor::Of({1, 1}, {0})));
  EXPECT_THAT(picture.span<uint8_t>(), ElementsAre(76, 76, 76));
}

// As samples of 16 bits of which 10 are used.
TEST(HeatMapTest, ShowsNumbersFromBlackToWhite) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor gray,
                               HeatMap(Tensor::Of({1, 2, 1}, {0.001f, 0.015f}),
                                       Tensor::Of({1, 1}, {0})));
  EXPECT_THAT(gray.span<uint8_t>(), ElementsAre(0, 0, 0, 255, 255, 255));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor red,
      HeatMap(Tensor::Of({1, 1, 3}, {0.015f, 0, 0}), Tensor::Of({1, 1}, {0})));
  EXPECT_THAT(red.span<uint8_t>(), ElementsAre(76, 76, 76));
}

TEST(EnlargedTest, MakesSquaresOfPixels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor large,
      Enlarged(Tensor::Of<uint8_t>({1, 2, 3}, {1, 2, 3, 4, 5, 6})));
  ASSERT_EQ(large.shape(), Shape({64, 128, 3}));
  EXPECT_EQ(large.data<uint8_t>()[3 * (63 * 128 + 63)], 1);
  EXPECT_EQ(large.data<uint8_t>()[3 * 64 + 2], 6);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor same, Enlarged(Tensor({700, 2, 3}, ElementType::kUint8)));
  EXPECT_EQ(same.shape(), Shape({700, 2, 3}));
}

}  // namespace
}  // namespace lenslet
