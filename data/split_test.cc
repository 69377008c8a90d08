#include "lenslet/data/split.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Examples of one pixel, which is their number, with these labels.
Dataset DatasetOfLabels(const std::vector<uint8_t>& labels, int classes) {
  const int64_t size = static_cast<int64_t>(labels.size());
  Dataset dataset;
  dataset.images = Tensor({size, 1, 1, 1}, ElementType::kUint8);
  dataset.labels = Tensor({size}, ElementType::kUint8);
  for (int64_t i = 0; i < size; ++i) {
    dataset.images.data<uint8_t>()[i] = static_cast<uint8_t>(i);
    dataset.labels.data<uint8_t>()[i] = labels[i];
  }
  for (int c = 0; c < classes; ++c) {
    dataset.class_names.push_back(std::string(1, static_cast<char>('a' + c)));
  }
  dataset.normalization = {.mean = {0.5f}, .deviation = {2.0f}};
  return dataset;
}

// 4 of class 0, 12 of class 1, 1 of class 2, none of class 3.
Dataset Uneven() {
  return DatasetOfLabels({1, 0, 1, 1, 0, 1, 1, 2, 1, 0, 1, 1, 1, 0, 1, 1, 1},
                         4);
}

TEST(ClassCountsTest, CountsEveryClass) {
  EXPECT_THAT(ClassCounts(Uneven()), ElementsAre(4, 12, 1, 0));
  EXPECT_THAT(ClassCounts(Dataset()), IsEmpty());
}

TEST(SelectExamplesTest, TakesEverythingAlong) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset some,
                               SelectExamples(Uneven(), {7, 1, 1}));
  EXPECT_THAT(Pixels(some.images), ElementsAre(7, 1, 1));
  EXPECT_THAT(some.labels.span<uint8_t>(), ElementsAre(2, 0, 0));
  EXPECT_EQ(some.image_shape(), Shape({1, 1, 1}));
  EXPECT_THAT(some.class_names, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(some.normalization.mean, ElementsAre(0.5f));
  EXPECT_THAT(some.normalization.deviation, ElementsAre(2.0f));
}

TEST(SelectExamplesDeathTest, ChecksIndices) {
  EXPECT_DEATH((void)SelectExamples(Uneven(), {17}), "broken invariant");
  EXPECT_DEATH((void)SelectExamples(Uneven(), {-1}), "broken invariant");
}

TEST(FirstExamplesTest, TakesNoMoreThanThereAre) {
  EXPECT_THAT(Pixels(FirstExamples(Uneven(), 3)->images), ElementsAre(0, 1, 2));
  EXPECT_EQ(FirstExamples(Uneven(), 17)->size(), 17);
  EXPECT_EQ(FirstExamples(Uneven(), 100)->size(), 17);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset none, FirstExamples(Uneven(), 0));
  EXPECT_EQ(none.size(), 0);
  EXPECT_EQ(none.image_shape(), Shape({1, 1, 1}));
  EXPECT_THAT(ClassCounts(none), ElementsAre(0, 0, 0, 0));
}

TEST(SplitOffTest, TakesTheSameShareOfEachClass) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0.25, /*seed=*/1));
  EXPECT_THAT(ClassCounts(parts.train), ElementsAre(3, 9, 1, 0));
  EXPECT_THAT(ClassCounts(parts.validation), ElementsAre(1, 3, 0, 0));
}

TEST(SplitOffTest, KeepsTheOrderAndLosesNothing) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0.4, /*seed=*/1));
  const std::vector<int> train = Pixels(parts.train.images);
  const std::vector<int> validation = Pixels(parts.validation.images);
  EXPECT_TRUE(std::is_sorted(train.begin(), train.end()));
  EXPECT_TRUE(std::is_sorted(validation.begin(), validation.end()));
  std::vector<int> all = train;
  all.insert(all.end(), validation.begin(), validation.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, Pixels(Uneven().images));
}

// Even if the share rounds to all of a class.
TEST(SplitOffTest, LeavesOneOfEachClassToTrainWith) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0.99, /*seed=*/1));
  EXPECT_THAT(ClassCounts(parts.train), ElementsAre(1, 1, 1, 0));
}

TEST(SplitOffTest, OfNothingLeavesAll) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0, /*seed=*/1));
  EXPECT_EQ(Pixels(parts.train.images), Pixels(Uneven().images));
  EXPECT_EQ(parts.validation.size(), 0);
  EXPECT_EQ(parts.validation.image_shape(), Shape({1, 1, 1}));
}

TEST(SplitOffTest, IsReproducibleAndDiffersBySeed) {
  const auto validation = [](uint64_t seed) {
    return Pixels(
        SplitOff(DatasetOfLabels(std::vector<uint8_t>(200, 0), 1), 0.5, seed)
            ->validation.images);
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(validation(1), validation(2));
}

// The split that users' seeds stand for: a change here changes every run.
TEST(SplitOffTest, IsTheSameOnEveryMachine) {
  EXPECT_THAT(Pixels(SplitOff(Uneven(), 0.25, /*seed=*/1)->validation.images),
              ElementsAre(0, 1, 6, 10));
}

TEST(SplitOffTest, DrawsEveryExampleEquallyOften) {
  std::vector<int> counts(5);
  for (int seed = 0; seed < 5000; ++seed) {
    const Dataset validation = std::move(
        SplitOff(DatasetOfLabels(std::vector<uint8_t>(5, 0), 1), 0.4, seed)
            ->validation);
    for (const int pixel : Pixels(validation.images)) ++counts[pixel];
  }
  // Standard deviation sqrt(5000 * 0.4 * 0.6) = 35; five of them.
  for (const int count : counts) EXPECT_NEAR(count, 2000, 175);
}

TEST(SplitOffTest, RejectsFractionsOutOfRange) {
  for (const double fraction :
       {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(SplitOff(Uneven(), fraction, 1).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("expected a number in [0, 1)")));
  }
}

}  // namespace
}  // namespace lenslet
