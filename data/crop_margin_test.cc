#include "lenslet/data/crop_margin.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// Two images of 4 x 5; each byte tells its row, column and image.
Dataset Whole() {
  Tensor inputs({2, 4, 5, 1}, ElementType::kUint8);
  for (int i = 0; i < 40; ++i) {
    inputs.data<uint8_t>()[i] =
        static_cast<uint8_t>(100 * (i / 20) + 10 * (i % 20 / 5) + i % 5);
  }
  Tensor targets = Tensor::Of<uint8_t>({2}, {1, 0});
  return *MakeDataset(
      {.inputs = std::move(inputs), .targets = std::move(targets)}, {"a", "b"});
}

Dataset Cropped() {
  Dataset dataset = Whole();
  dataset.examples = CropMargin(dataset.examples, 1);
  return dataset;
}

TEST(CropMarginTest, ReadsTheMiddle) {
  const Dataset dataset = Cropped();
  EXPECT_EQ(dataset.example_shape(), Shape({2, 3, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor second, dataset.Example(1));
  EXPECT_THAT(second.span<uint8_t>(),
              ElementsAre(111, 112, 113, 121, 122, 123));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 0));
}

TEST(CropMarginTest, ASeedDrawsEachPlaceEquallyOften) {
  const Dataset dataset = Cropped();
  ExampleBatch batch;
  constexpr int kImages = 4500;
  batch.set_crop_seed(3);
  LENSLET_ASSERT_OK(
      batch.ReadInputs(*dataset.examples, std::vector<int64_t>(kImages, 0)));
  std::map<int, int> counts;
  for (const void* input : batch.inputs()) {
    const auto* bytes = static_cast<const uint8_t*>(input);
    ++counts[bytes[0]];
    // Whole rows of the image.
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(bytes[i], bytes[0] + 10 * (i / 3) + i % 3);
    }
  }
  ASSERT_EQ(counts.size(), 9);
  for (const int first : {0, 1, 2, 10, 11, 12, 20, 21, 22}) {
    // Standard deviation sqrt(4500 * 1/9 * 8/9) = 21; five of them.
    EXPECT_NEAR(counts[first], 500, 106);
  }
}

// Through a selection, as a split of the examples reads them.
TEST(CropMarginTest, DependsOnSeedAndPlaceAlone) {
  const Dataset dataset = SelectExamples(Cropped(), {1, 0});
  const auto read = [&](std::optional<uint64_t> seed) {
    ExampleBatch batch;
    batch.set_crop_seed(seed);
    LENSLET_EXPECT_OK(
        batch.ReadInputs(*dataset.examples, std::vector<int64_t>(30, 0)));
    std::vector<int> first;
    for (const void* input : batch.inputs()) {
      first.push_back(*static_cast<const uint8_t*>(input));
    }
    return first;
  };
  EXPECT_EQ(read(1), read(1));
  EXPECT_NE(read(1), read(2));
  EXPECT_EQ(read(std::nullopt), std::vector<int>(30, 111));
}

// The class of each pixel is its byte.
TEST(CropMarginTest, CutsMapsWhereTheirImagesAre) {
  Tensor inputs({1, 4, 5, 1}, ElementType::kUint8);
  Tensor targets({1, 4, 5}, ElementType::kUint8);
  for (int i = 0; i < 20; ++i) {
    inputs.data<uint8_t>()[i] = static_cast<uint8_t>(i);
    targets.data<uint8_t>()[i] = static_cast<uint8_t>(i);
  }
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back(absl::StrCat(i));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Dataset dataset,
      MakeDataset({.inputs = std::move(inputs), .targets = std::move(targets)},
                  names));
  dataset.examples = CropMargin(dataset.examples, 1);
  EXPECT_EQ(dataset.examples->target(), (TargetSpec{.shape = {2, 3}}));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, {0}));
  EXPECT_THAT(batch.classes(), ElementsAre(6, 7, 8, 11, 12, 13));
  const std::vector<int64_t> indices(30, 0);
  std::set<int> places;
  const auto expect_equal = [&](const ExampleBatch& inputs,
                                const ExampleBatch& targets) {
    ASSERT_EQ(targets.classes().size(), 180);
    for (int i = 0; i < 180; ++i) {
      EXPECT_EQ(targets.classes()[i],
                static_cast<const uint8_t*>(inputs.inputs()[i / 6])[i % 6]);
    }
    for (int i = 0; i < 180; i += 6) places.insert(targets.classes()[i]);
  };
  batch.set_crop_seed(3);
  LENSLET_ASSERT_OK(batch.ReadInputs(*dataset.examples, indices));
  // A batch without inputs draws the same places.
  ExampleBatch other;
  other.set_crop_seed(3);
  LENSLET_ASSERT_OK(other.ReadTargets(*dataset.examples, indices));
  expect_equal(batch, other);
  // Those of the inputs, whatever has become of the seed.
  batch.set_crop_seed(std::nullopt);
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, indices));
  expect_equal(batch, batch);
  EXPECT_GT(places.size(), 5);
}

TEST(CropMarginTest, IsInTheDigest) {
  Dataset other = Whole();
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto whole, DigestOf(other));
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto cropped, DigestOf(Cropped()));
  EXPECT_NE(whole, cropped);
}

TEST(WithoutMarginTest, CutsBytesAndFloats) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor bytes,
      WithoutMargin(Tensor::Of<uint8_t>({3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
                    1));
  EXPECT_EQ(bytes.shape(), Shape({1, 1, 1}));
  EXPECT_EQ(bytes.data<uint8_t>()[0], 5);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor floats,
      WithoutMargin(
          Tensor::Of({3, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 1));
  EXPECT_THAT(floats.span(), ElementsAre(6, 7));
  EXPECT_EQ(*WithMargin({1, 2, 3}, 4), Shape({9, 10, 3}));
}

}  // namespace
}  // namespace lenslet
