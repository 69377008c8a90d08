#include "lenslet/data/change_colors.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

std::vector<int> Changed(const ColorChange& change) {
  std::vector<uint8_t> image = {200, 30,  90,   //
                                10,  200, 250,  //
                                128, 128, 128,  //
                                255, 0,   0,    //
                                0,   37,  12};
  ChangeColors({.width = 5, .channels = 3}, change, image.data());
  return {image.begin(), image.end()};
}

// Computed with Python: 0.299, 0.587 and 0.114 in double, and colorsys, which
// makes a little less of 6.5.

TEST(ChangeColorsTest, Brightness) {
  EXPECT_THAT(Changed({.brightness = 1.25}),
              ElementsAre(250, 38, 113, 13, 250, 255, 160, 160, 160, 255, 0, 0,
                          0, 46, 15));
  EXPECT_THAT(
      Changed({.brightness = 0.5}),
      ElementsAre(100, 15, 45, 5, 100, 125, 64, 64, 64, 128, 0, 0, 0, 19, 6));
  EXPECT_THAT(Changed({.brightness = 0}), ::testing::Each(0));
}

TEST(ChangeColorsTest, Contrast) {
  EXPECT_THAT(Changed({.contrast = 0}), ::testing::Each(93));
  EXPECT_THAT(Changed({.contrast = 0.5}),
              ElementsAre(146, 61, 91, 51, 146, 171, 110, 110, 110, 174, 46, 46,
                          46, 65, 52));
  EXPECT_THAT(
      Changed({.contrast = 1.5}),
      ElementsAre(254, 0, 89, 0, 254, 255, 146, 146, 146, 255, 0, 0, 0, 9, 0));
}

TEST(ChangeColorsTest, Saturation) {
  EXPECT_THAT(Changed({.saturation = 0}),
              ElementsAre(88, 88, 88, 149, 149, 149, 128, 128, 128, 76, 76, 76,
                          23, 23, 23));
  EXPECT_THAT(Changed({.saturation = 0.5}),
              ElementsAre(144, 59, 89, 80, 175, 200, 128, 128, 128, 166, 38, 38,
                          12, 30, 18));
  EXPECT_THAT(
      Changed({.saturation = 1.75}),
      ElementsAre(255, 0, 92, 0, 238, 255, 128, 128, 128, 255, 0, 0, 0, 48, 4));
}

TEST(ChangeColorsTest, Hue) {
  EXPECT_THAT(Changed({.hue = 0.25}),
              ElementsAre(175, 200, 30, 180, 10, 250, 128, 128, 128, 128, 255,
                          0, 0, 7, 37));
  EXPECT_THAT(Changed({.hue = -0.5}),
              ElementsAre(30, 200, 140, 250, 60, 10, 128, 128, 128, 0, 255, 255,
                          37, 0, 25));
  EXPECT_THAT(Changed({.hue = 1.0 / 3}),
              ElementsAre(90, 200, 30, 250, 10, 200, 128, 128, 128, 0, 255, 0,
                          12, 0, 37));
  EXPECT_THAT(Changed({.hue = 0.1}),
              ElementsAre(200, 72, 30, 10, 56, 250, 128, 128, 128, 255, 153, 0,
                          0, 37, 34));
  EXPECT_EQ(Changed({.hue = 1}), Changed({}));
}

TEST(ChangeColorsTest, AreInOrder) {
  std::vector<uint8_t> expected = {200, 30, 90, 10, 200, 250};
  std::vector<uint8_t> image = expected;
  const ImageFormat format = {.width = 2, .channels = 3};
  ChangeColors(format, {.brightness = 1.2}, expected.data());
  ChangeColors(format, {.contrast = 0.7}, expected.data());
  ChangeColors(format, {.saturation = 1.4}, expected.data());
  ChangeColors(format, {.hue = 0.3}, expected.data());
  ChangeColors(
      format,
      {.brightness = 1.2, .contrast = 0.7, .saturation = 1.4, .hue = 0.3},
      image.data());
  EXPECT_EQ(image, expected);
}

// The mean of all bytes is 5; one channel has no hue.
TEST(ChangeColorsTest, OtherImagesHaveBrightnessAndContrast) {
  std::vector<uint8_t> image = {0, 2, 8, 10};
  ChangeColors({.height = 2, .width = 1, .channels = 2},
               {.contrast = 3, .saturation = 0, .hue = 0.5}, image.data());
  EXPECT_THAT(image, ElementsAre(0, 0, 14, 20));
  image = {10, 20, 30, 40};
  ChangeColors({.height = 2, .width = 2}, {.brightness = 2}, image.data());
  EXPECT_THAT(image, ElementsAre(20, 40, 60, 80));
}

}  // namespace
}  // namespace lenslet
