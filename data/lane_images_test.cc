#include "lenslet/data/lane_images.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// `size` images of height x width, with all bytes there are.
Dataset ImagesOfAllBytes(int64_t size, int64_t height, int64_t width) {
  Tensor images({size, height, width, 1}, ElementType::kUint8);
  uint8_t byte = 0;
  for (uint8_t& pixel : images.span<uint8_t>()) pixel = byte++;
  return OfOneClass(std::move(images));
}

// Whole tiles of 16 pixels, and a rest; whole groups of images, and a part.
TEST(LaneImagesTest, GivesTheNumbersOfImages) {
  for (const int64_t width : {3, 16, 21}) {
    const Dataset dataset = ImagesOfAllBytes(40, 5, width);
    const int64_t elements = 5 * width;
    for (const int64_t images : {1, 16, 19, 33}) {
      std::vector<int64_t> indices;
      for (int64_t i = 0; i < images; ++i) indices.push_back((i * 7 + 3) % 40);
      Tensor rows({images, elements});
      LENSLET_ASSERT_OK(
          ReadInputs(dataset, indices, Layout::kImages, rows.data()));
      const Shape shape = {RoomForImages(Layout::kLanes, images), elements};
      Tensor expected(shape);
      ImagesToLanes(images, elements, rows.data(), expected.data());
      Tensor actual(shape);
      std::fill(actual.span().begin(), actual.span().end(), -1.0f);
      LENSLET_ASSERT_OK(
          ReadInputs(dataset, indices, Layout::kLanes, actual.data()));
      EXPECT_TRUE(std::equal(actual.span().begin(), actual.span().end(),
                             expected.span().begin()))
          << images << " images of width " << width;
    }
  }
}

// By channel: a row of 3 pixels with 2 channels ends in the middle of a tile.
TEST(LaneImagesTest, GivesTheNormalizedNumbersOfImages) {
  Tensor images({19, 5, 3, 2}, ElementType::kUint8);
  uint8_t byte = 0;
  for (uint8_t& pixel : images.span<uint8_t>()) pixel = byte++;
  Dataset dataset = OfOneClass(std::move(images));
  const std::vector<int64_t> indices = AllIndices(19);
  for (const Normalization& normalization :
       {Normalization{.mean = {0.3f}, .deviation = {0.7f}},
        Normalization{.mean = {0.3f, 0.1f}, .deviation = {0.7f, 0.2f}}}) {
    dataset.normalization = normalization;
    Tensor rows({19, 30});
    LENSLET_ASSERT_OK(
        ReadInputs(dataset, indices, Layout::kImages, rows.data()));
    Tensor expected({32, 30});
    ImagesToLanes(19, 30, rows.data(), expected.data());
    Tensor actual({32, 30});
    LENSLET_ASSERT_OK(
        ReadInputs(dataset, indices, Layout::kLanes, actual.data()));
    EXPECT_TRUE(std::equal(actual.span().begin(), actual.span().end(),
                           expected.span().begin()));
  }
}

// By hand: rows of 3 columns.
TEST(LaneImagesTest, CopiesFloatNumbers) {
  std::vector<float> rows;
  std::vector<const void*> images;
  for (int n = 0; n < 16; ++n) {
    for (int i = 0; i < 3; ++i) rows.push_back(100.0f * i + n);
  }
  for (int n = 0; n < 16; ++n) images.push_back(rows.data() + 3 * n);
  for (const int count : {1, 5, 16}) {
    const auto group = absl::MakeConstSpan(images).first(count);
    std::vector<float> out(3 * kLanes, -99), normalized(3 * kLanes, -99);
    CopyGroupToLanes<float>(group, /*elements=*/3, /*channels=*/3, {},
                            out.data());
    CopyGroupToLanes<float>(group, /*elements=*/3, /*channels=*/3,
                            {.mean = {0, 100, 200}, .deviation = {1, 2, 4}},
                            normalized.data());
    for (int i = 0; i < 3; ++i) {
      for (int n = 0; n < kLanes; ++n) {
        const bool is_there = n < count;
        EXPECT_EQ(out[i * kLanes + n], is_there ? 100 * i + n : 0);
        EXPECT_EQ(normalized[i * kLanes + n],
                  is_there ? static_cast<float>(n) / (1 << i) : 0);
      }
    }
  }
}

// One channel's mean does for all of them.
TEST(LaneImagesTest, NormalizesFloatNumbersAsImages) {
  Tensor sounds({19, 7, 2});
  float number = -3;
  for (float& x : sounds.span()) x = number += 0.37f;
  const Dataset dataset = OfOneClass(
      std::move(sounds), {.mean = {0.3f}, .deviation = {0.7f, 0.2f}});
  Tensor rows({19, 14});
  LENSLET_ASSERT_OK(
      ReadInputs(dataset, AllIndices(19), Layout::kImages, rows.data()));
  Tensor expected({32, 14}), actual({32, 14});
  ImagesToLanes(19, 14, rows.data(), expected.data());
  LENSLET_ASSERT_OK(
      ReadInputs(dataset, AllIndices(19), Layout::kLanes, actual.data()));
  EXPECT_TRUE(std::equal(actual.span().begin(), actual.span().end(),
                         expected.span().begin()));
}

}  // namespace
}  // namespace lenslet
