#include "lenslet/data/mixing.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(DrawSymmetricBetaTest, HasItsMoments) {
  for (const double alpha : {0.1, 0.2, 0.5, 1.0, 1.5, 4.0, 50.0}) {
    SCOPED_TRACE(alpha);
    Random random(/*seed=*/1);
    constexpr int kDraws = 20000;
    double sum = 0, squares = 0, fourths = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = DrawSymmetricBeta(alpha, random);
      ASSERT_GE(x, 0);
      ASSERT_LE(x, 1);
      const double d = x - 0.5;
      sum += d;
      squares += d * d;
      fourths += d * d * d * d;
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    // The excess kurtosis is -6 / (3 + 2 alpha).
    const double kurtosis = 3 - 6 / (3 + 2 * alpha);
    // Five standard deviations of the means.
    EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(variance / kDraws));
    EXPECT_NEAR(squares / kDraws, variance,
                5 * variance * std::sqrt((kurtosis - 1) / kDraws));
    EXPECT_NEAR(fourths / kDraws / (variance * variance), kurtosis,
                0.1 * kurtosis);
  }
}

TEST(DrawSymmetricBetaTest, OfAlphasNearZeroIsOneOrZero) {
  for (const double alpha : {1e-6, 1e-300, 5e-324}) {
    Random random(/*seed=*/1);
    int ones = 0;
    for (int i = 0; i < 1000; ++i) {
      const double x = DrawSymmetricBeta(alpha, random);
      EXPECT_THAT(x, ::testing::AnyOf(::testing::DoubleNear(0, 1e-3),
                                      ::testing::DoubleNear(1, 1e-3)));
      ones += x > 0.5;
    }
    // Standard deviation 16; five of them.
    EXPECT_NEAR(ones, 500, 79);
  }
}

TEST(PartnerOfTest, IsTheNextOfTheGroup) {
  EXPECT_EQ(PartnerOf(0, 40), 1);
  EXPECT_EQ(PartnerOf(15, 40), 0);
  EXPECT_EQ(PartnerOf(16, 40), 17);
  EXPECT_EQ(PartnerOf(39, 40), 32);
  EXPECT_EQ(PartnerOf(0, 1), 0);
  EXPECT_EQ(PartnerOf(16, 17), 16);
}

TEST(DrawMixtureTest, TheShareIsThatOutsideTheBox) {
  const ImageFormat format = {.height = 20, .width = 30, .channels = 3};
  Random random(/*seed=*/1);
  int clipped = 0;
  for (int i = 0; i < 1000; ++i) {
    const Mixture mixture = DrawMixture({.cutmix = 1}, format, random);
    ASSERT_TRUE(mixture.pastes);
    const ImageBox& box = mixture.box;
    ASSERT_GE(box.top, 0);
    ASSERT_GE(box.left, 0);
    ASSERT_GE(box.height, 0);
    ASSERT_GE(box.width, 0);
    ASSERT_LE(box.top + box.height, 20);
    ASSERT_LE(box.left + box.width, 30);
    EXPECT_FLOAT_EQ(mixture.share, 1 - box.height * box.width / 600.0f);
    // In the proportions of the image, unless it is clipped.
    const bool whole = box.top > 0 && box.left > 0 &&
                       box.top + box.height < 20 && box.left + box.width < 30;
    if (whole) {
      EXPECT_NEAR(box.height * 1.5, box.width, 1.5);
    } else {
      ++clipped;
    }
  }
  EXPECT_GT(clipped, 300);
  EXPECT_LT(clipped, 1000);
}

TEST(DrawMixtureTest, OfBothWaysTakesEachEquallyOften) {
  Random random(/*seed=*/1);
  int pasted = 0;
  for (int i = 0; i < 1000; ++i) {
    pasted += DrawMixture({.mixup = 1, .cutmix = 1}, {}, random).pastes;
  }
  // Standard deviation 16; five of them.
  EXPECT_NEAR(pasted, 500, 79);
  EXPECT_FALSE(DrawMixture({.mixup = 1}, {}, random).pastes);
}

TEST(MixGroupTest, MixesWithTheNext) {
  // Three images of 1 x 2 with 1 channel.
  const std::vector<float> images = {10, 20, 30, 40, 50, 60};
  const std::vector<Mixture> mixtures = {
      {.share = 0.75, .pastes = false, .box = {}},
      {.share = 0.5,
       .pastes = true,
       .box = {.top = 0, .left = 1, .height = 1, .width = 1}},
      {.share = 0.25, .pastes = false, .box = {}}};
  const ImageFormat format = {.height = 1, .width = 2};
  std::vector<float> mixed = images;
  MixGroup(mixtures, format, Layout::kImages, mixed.data());
  // 0.75 * 10 + 0.25 * 30, ...; 60 is pasted; 0.25 * 50 + 0.75 * 10, ...
  EXPECT_THAT(mixed, ElementsAre(15, 25, 30, 60, 20, 30));
  std::vector<float> lanes(2 * kLanes);
  ImagesToLanes(3, 2, images.data(), lanes.data());
  MixGroup(mixtures, format, Layout::kLanes, lanes.data());
  std::vector<float> from_lanes(6);
  LanesToImages(3, 2, lanes.data(), from_lanes.data());
  EXPECT_EQ(from_lanes, mixed);
  for (int64_t n = 3; n < kLanes; ++n) EXPECT_EQ(lanes[n], 0);
}

TEST(MixGroupTest, LeavesOneExampleAlone) {
  std::vector<float> image = {10, 20};
  MixGroup({Mixture{.share = 0.5, .pastes = false, .box = {}}},
           {.height = 1, .width = 2}, Layout::kImages, image.data());
  EXPECT_THAT(image, ElementsAre(10, 20));
}

}  // namespace
}  // namespace lenslet
