#include "lenslet/inspect/augmented_picture.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

Dataset TwoPixels(const Shape& shape) {
  Tensor inputs(shape, ElementType::kUint8);
  inputs.data<uint8_t>()[0] = 255;
  Tensor targets({shape.dim(0)}, ElementType::kUint8);
  return *MakeDataset(
      {.inputs = std::move(inputs), .targets = std::move(targets)}, {"a"},
      {.mean = {0.5f}, .deviation = {0.25f}});
}

// A white and a black pixel, without the normalization: a flip changes places.
TEST(AugmentedPictureTest, ShowsImagesAsTheyAreChanged) {
  const Dataset dataset = TwoPixels({1, 1, 2, 1});
  const std::vector<int64_t> indices(16, 0);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LayerPicture plain,
      AugmentedPicture(dataset, indices, {}, /*seed=*/1));
  ASSERT_EQ(plain.maps.shape(), Shape({16, 1, 2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LayerPicture flipped,
      AugmentedPicture(dataset, indices, {.flip = true, .noise = 0.01},
                       /*seed=*/1));
  int changed = 0;
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(plain.maps.data()[2 * i], 1);
    EXPECT_EQ(plain.maps.data()[2 * i + 1], 0);
    changed += flipped.maps.data()[2 * i] < 0.5f;
    EXPECT_LE(flipped.maps.data()[2 * i], 1);
    EXPECT_GE(flipped.maps.data()[2 * i], 0);
  }
  EXPECT_GT(changed, 2);
  EXPECT_LT(changed, 14);
  EXPECT_EQ(plain.sheet.shape().dim(2), 3);
  EXPECT_EQ(plain.shows, "16 images after augmentation");
}

TEST(AugmentedPictureTest, NeedsImages) {
  EXPECT_THAT(AugmentedPicture(TwoPixels({1, 1, 2, 2}), {0}, {}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("[height, width, 1 or 3]")));
  EXPECT_THAT(AugmentedPicture(TwoPixels({1, 1, 2, 1}), {0}, {.hue = 0.1}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hue")));
}

}  // namespace
}  // namespace lenslet
