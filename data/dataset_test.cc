#include "lenslet/data/dataset.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

TEST(DatasetTest, KnowsItsSizeAndTheShapeOfAnImage) {
  Dataset dataset;
  EXPECT_EQ(dataset.size(), 0);
  dataset.images = Tensor({5, 32, 16, 3}, ElementType::kUint8);
  EXPECT_EQ(dataset.size(), 5);
  EXPECT_EQ(dataset.image_shape(), Shape({32, 16, 3}));
}

TEST(DatasetTest, HoldsWhatHasOtherDimensionsThanImages) {
  Dataset dataset;
  EXPECT_EQ(dataset.image_shape(), Shape());
  dataset.images = Tensor({7, 3}, ElementType::kUint8);
  EXPECT_EQ(dataset.image_shape(), Shape({3}));
  dataset.images = Tensor({7, 20, 16}, ElementType::kUint8);
  EXPECT_EQ(dataset.image_shape(), Shape({20, 16}));
  dataset.images = Tensor({7, 8, 32, 16, 3}, ElementType::kUint8);
  EXPECT_EQ(dataset.image_shape(), Shape({8, 32, 16, 3}));
}

TEST(DatasetTest, CopiesAnImage) {
  Dataset dataset;
  dataset.images = Tensor::Of<uint8_t>({3, 1, 2, 1}, {10, 11, 20, 21, 30, 31});
  const Tensor image = dataset.Image(1);
  EXPECT_EQ(image.shape(), Shape({1, 2, 1}));
  EXPECT_EQ(image.data<uint8_t>()[0], 20);
  EXPECT_EQ(image.data<uint8_t>()[1], 21);
}

TEST(DatasetDeathTest, NamesTheImageThatItLacks) {
  Dataset dataset;
  dataset.images = Tensor({3, 1, 2, 1}, ElementType::kUint8);
  EXPECT_DEATH(dataset.Image(3), "image 3 of a data set of 3 images");
  EXPECT_DEATH(dataset.Image(-1), "image -1 of a data set of 3 images");
}

TEST(DatasetTest, CopiesAll) {
  Dataset dataset = {.images = Tensor::Of<uint8_t>({2, 1}, {10, 20}),
                     .labels = Tensor::Of<uint8_t>({2}, {1, 0}),
                     .class_names = {"cat", "dog"},
                     .normalization = {.mean = {0.5f}, .deviation = {0.25f}}};
  const Dataset copy = dataset.Clone();
  dataset.images.data<uint8_t>()[1] = 99;
  dataset.labels.data<uint8_t>()[0] = 0;
  dataset.class_names[0] = "fish";
  dataset.normalization = {};
  EXPECT_THAT(copy.images.span<uint8_t>(), testing::ElementsAre(10, 20));
  EXPECT_THAT(copy.labels.span<uint8_t>(), testing::ElementsAre(1, 0));
  EXPECT_THAT(copy.class_names, testing::ElementsAre("cat", "dog"));
  EXPECT_THAT(copy.normalization.mean, testing::ElementsAre(0.5f));
}

}  // namespace
}  // namespace lenslet
