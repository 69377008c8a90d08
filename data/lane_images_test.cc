#include "lenslet/data/lane_images.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/data/batches.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// `size` images of height x width, with all bytes there are.
Dataset ImagesOfAllBytes(int64_t size, int64_t height, int64_t width) {
  Dataset dataset;
  dataset.images = Tensor({size, height, width, 1}, ElementType::kUint8);
  dataset.labels = Tensor({size}, ElementType::kUint8);
  uint8_t byte = 0;
  for (uint8_t& pixel : dataset.images.span<uint8_t>()) pixel = byte++;
  return dataset;
}

// Whole tiles of 16 pixels, and a rest; whole groups of images, and a part.
TEST(LaneImagesTest, GivesTheNumbersOfCopyImages) {
  for (const int64_t width : {3, 16, 21}) {
    const Dataset dataset = ImagesOfAllBytes(40, 5, width);
    const int64_t elements = 5 * width;
    for (const int64_t images : {1, 16, 19, 33}) {
      std::vector<int64_t> indices;
      for (int64_t i = 0; i < images; ++i) indices.push_back((i * 7 + 3) % 40);
      Tensor rows({images, elements});
      CopyImages(dataset, indices, rows.data());
      const Shape shape = {RoomForImages(Layout::kLanes, images), elements};
      Tensor expected(shape);
      ImagesToLanes(images, elements, rows.data(), expected.data());
      Tensor actual(shape);
      std::fill(actual.span().begin(), actual.span().end(), -1.0f);
      CopyImagesToLanes(dataset, indices, actual.data());
      EXPECT_TRUE(std::equal(actual.span().begin(), actual.span().end(),
                             expected.span().begin()))
          << images << " images of width " << width;
    }
  }
}

// By channel: a row of 3 pixels with 2 channels ends in the middle of a tile.
TEST(LaneImagesTest, GivesTheNormalizedNumbersOfCopyImages) {
  Dataset dataset;
  dataset.images = Tensor({19, 5, 3, 2}, ElementType::kUint8);
  uint8_t byte = 0;
  for (uint8_t& pixel : dataset.images.span<uint8_t>()) pixel = byte++;
  std::vector<int64_t> indices(19);
  std::iota(indices.begin(), indices.end(), 0);
  for (const Normalization& normalization :
       {Normalization{.mean = {0.3f}, .deviation = {0.7f}},
        Normalization{.mean = {0.3f, 0.1f}, .deviation = {0.7f, 0.2f}}}) {
    dataset.normalization = normalization;
    Tensor rows({19, 30});
    CopyImages(dataset, indices, rows.data());
    Tensor expected({32, 30});
    ImagesToLanes(19, 30, rows.data(), expected.data());
    Tensor actual({32, 30});
    CopyImagesToLanes(dataset, indices, actual.data());
    EXPECT_TRUE(std::equal(actual.span().begin(), actual.span().end(),
                           expected.span().begin()));
  }
}

}  // namespace
}  // namespace lenslet
