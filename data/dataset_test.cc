#include "lenslet/data/dataset.h"

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

}  // namespace
}  // namespace lenslet
