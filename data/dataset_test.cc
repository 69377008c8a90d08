#include "lenslet/data/dataset.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DatasetTest, KnowsItsSizeAndTheShapeOfAnExample) {
  const Dataset dataset =
      OfOneClass(Tensor({5, 32, 16, 3}, ElementType::kUint8));
  EXPECT_EQ(dataset.size(), 5);
  EXPECT_EQ(dataset.example_shape(), Shape({32, 16, 3}));
  EXPECT_EQ(dataset.channels(), 3);
}

TEST(DatasetTest, HasNothingByDefault) {
  const Dataset dataset;
  EXPECT_EQ(dataset.size(), 0);
  EXPECT_EQ(dataset.example_shape(), Shape());
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({0}));
  EXPECT_THAT(*dataset.Classes(), IsEmpty());
  EXPECT_EQ(dataset.examples, Dataset().examples);
}

TEST(DatasetTest, HoldsWhatHasOtherDimensionsThanImages) {
  for (const Shape& shape :
       {Shape(), Shape({3}), Shape({20, 16}), Shape({8, 32, 16, 3})}) {
    const Dataset dataset =
        OfOneClass(Tensor(*shape.WithOuter(7), ElementType::kUint8));
    EXPECT_EQ(dataset.example_shape(), shape);
    EXPECT_EQ(dataset.Example(6)->shape(), shape);
    EXPECT_EQ(dataset.Inputs()->shape(), *shape.WithOuter(7));
  }
}

TEST(DatasetTest, CopiesAnExample) {
  const Dataset dataset =
      OfOneClass(Tensor::Of<uint8_t>({3, 1, 2, 1}, {10, 11, 20, 21, 30, 31}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, dataset.Example(1));
  EXPECT_EQ(image.shape(), Shape({1, 2, 1}));
  EXPECT_THAT(image.span<uint8_t>(), ElementsAre(20, 21));
}

TEST(DatasetTest, CopiesFloatNumbers) {
  const Dataset dataset =
      OfOneClass(Tensor::Of({3, 2}, {0.5f, -1, 2e30f, 3, 4, 5}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor row, dataset.Example(1));
  EXPECT_EQ(row.type(), ElementType::kFloat32);
  EXPECT_THAT(row.span(), ElementsAre(2e30f, 3));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor rows, dataset.Inputs());
  EXPECT_THAT(rows.span(), ElementsAre(0.5f, -1, 2e30f, 3, 4, 5));
}

// Of more examples than are read at once.
TEST(DatasetTest, HasTheClassesInOrder) {
  constexpr int64_t kSize = 10000;
  ExampleArrays arrays = {.inputs = Tensor({kSize, 1}, ElementType::kUint8),
                          .targets = Tensor({kSize}, ElementType::kUint8)};
  for (int64_t i = 0; i < kSize; ++i) {
    arrays.targets.data<uint8_t>()[i] = i % 251;
  }
  const Dataset dataset =
      *MakeDataset(std::move(arrays), std::vector<std::string>(251, "name"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<int32_t> all,
                               dataset.Classes());
  ASSERT_EQ(all.size(), kSize);
  for (int64_t i = 0; i < kSize; ++i) ASSERT_EQ(all[i], i % 251);
  EXPECT_THAT(*dataset.Classes({9999, 0, 250, 250}),
              ElementsAre(9999 % 251, 0, 250, 250));
}

TEST(DatasetTest, PassesErrorsOn) {
  const auto torn = StatusIs(absl::StatusCode::kDataLoss, "example 1 is torn");
  Dataset dataset = OfOneClass(Tensor({3, 2}, ElementType::kUint8));
  dataset.examples = std::make_shared<ReadingExamples>(dataset, /*bad=*/1);
  EXPECT_THAT(dataset.Example(1), torn);
  EXPECT_THAT(dataset.Inputs(), torn);
  EXPECT_THAT(dataset.Classes(), torn);
  LENSLET_EXPECT_OK(dataset.Example(2));
  EXPECT_THAT(*dataset.Classes({0, 2}), ElementsAre(0, 0));
}

TEST(DatasetDeathTest, NamesTheExampleThatItLacks) {
  const Dataset dataset = OfOneClass(Tensor({3, 1, 2, 1}, ElementType::kUint8));
  EXPECT_DEATH((void)dataset.Example(3),
               "example 3 of a data set of 3 examples");
  EXPECT_DEATH((void)dataset.Example(-1),
               "example -1 of a data set of 3 examples");
}

TEST(DatasetDeathTest, HasNoClassesOfValues) {
  const Dataset dataset = *MakeDataset({.inputs = Tensor({2, 1}),
                                        .targets = Tensor({2, 1}),
                                        .kind = TargetKind::kValues},
                                       {});
  EXPECT_DEATH((void)dataset.Classes(), "broken invariant");
}

TEST(DatasetTest, CopiesShareTheExamples) {
  Dataset dataset =
      *MakeDataset({.inputs = Tensor::Of<uint8_t>({2, 1}, {10, 20}),
                    .targets = Tensor::Of<uint8_t>({2}, {1, 0})},
                   {"cat", "dog"}, {.mean = {0.5f}, .deviation = {0.25f}});
  const Dataset copy = dataset;
  EXPECT_EQ(copy.examples, dataset.examples);
  dataset = Dataset();
  EXPECT_THAT(Pixels(copy), ElementsAre(10, 20));
  EXPECT_THAT(*copy.Classes(), ElementsAre(1, 0));
  EXPECT_THAT(copy.target_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(copy.normalization.mean, ElementsAre(0.5f));
}

}  // namespace
}  // namespace lenslet
