#include "lenslet/tensor/lanes.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;

TEST(LanesTest, GroupsHoldSixteenImages) {
  EXPECT_EQ(LaneGroups(1), 1);
  EXPECT_EQ(LaneGroups(16), 1);
  EXPECT_EQ(LaneGroups(17), 2);
  EXPECT_EQ(RoomForImages(Layout::kLanes, 17), 32);
  EXPECT_EQ(RoomForImages(Layout::kImages, 17), 17);
}

// Whole tiles of the transposition, parts of one, and several groups.
TEST(LanesTest, ElementIOfImageNLiesInLaneNOfVectorI) {
  for (const int64_t images : {1, 3, 4, 16, 19, 32}) {
    for (const int64_t elements : {1, 3, 4, 6, 13}) {
      Tensor from({images, elements});
      FillIota(1, from.span());
      Tensor lanes({RoomForImages(Layout::kLanes, images), elements});
      std::fill(lanes.span().begin(), lanes.span().end(), -1.0f);
      ImagesToLanes(images, elements, from.data(), lanes.data());
      for (int64_t n = 0; n < RoomForImages(Layout::kLanes, images); ++n) {
        for (int64_t i = 0; i < elements; ++i) {
          ASSERT_EQ(
              lanes.data()[(n / kLanes * elements + i) * kLanes + n % kLanes],
              n < images ? from.data()[n * elements + i] : 0.0f)
              << images << " images of " << elements << ", element " << i
              << " of image " << n;
        }
      }
      Tensor back({images, elements});
      LanesToImages(images, elements, lanes.data(), back.data());
      ASSERT_TRUE(std::equal(back.span().begin(), back.span().end(),
                             from.span().begin()));
    }
  }
}

TEST(LanesTest, ClearsOnlyWhatTheLastGroupMisses) {
  std::vector<float> lanes(2 * kLanes * 2, 1.0f);
  ClearMissingLanes(17, 2, lanes.data());
  for (int i = 0; i < 4; ++i) {
    for (int lane = 0; lane < kLanes; ++lane) {
      EXPECT_EQ(lanes[i * kLanes + lane], i < 2 || lane == 0 ? 1.0f : 0.0f);
    }
  }
  std::fill(lanes.begin(), lanes.end(), 1.0f);
  ClearMissingLanes(32, 2, lanes.data());
  EXPECT_THAT(lanes, Each(1.0f));
}

}  // namespace
}  // namespace lenslet
