#include "lenslet/data/batches.h"

#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

std::vector<int64_t> Iota(int64_t size) {
  std::vector<int64_t> indices(size);
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

// The order that users' seeds stand for: a change here changes every run.
TEST(ShuffledIndicesTest, IsTheSameOnEveryMachine) {
  EXPECT_THAT(ShuffledIndices(8, 1, 0), ElementsAre(2, 0, 4, 6, 7, 1, 3, 5));
  EXPECT_THAT(ShuffledIndices(8, 1, 1), ElementsAre(3, 7, 1, 4, 6, 0, 2, 5));
}

TEST(ShuffledIndicesTest, HasEveryIndexOnce) {
  for (int64_t size : {0, 1, 2, 1000}) {
    EXPECT_THAT(ShuffledIndices(size, 3, 0),
                UnorderedElementsAreArray(Iota(size)));
  }
}

TEST(ShuffledIndicesTest, DiffersByEpochAndSeed) {
  const std::vector<int64_t> order = ShuffledIndices(1000, 1, 0);
  EXPECT_NE(order, Iota(1000));
  EXPECT_NE(order, ShuffledIndices(1000, 1, 1));
  EXPECT_NE(order, ShuffledIndices(1000, 2, 0));
  EXPECT_NE(ShuffledIndices(1000, 1, 1), ShuffledIndices(1000, 2, 0));
}

TEST(ShuffledIndicesTest, GivesEveryOrderEquallyOften) {
  constexpr int kEpochs = 60000;
  std::map<std::vector<int64_t>, int> counts;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    ++counts[ShuffledIndices(3, 1, epoch)];
  }
  ASSERT_THAT(counts, SizeIs(6));
  // A count has standard deviation sqrt(60000 * 1/6 * 5/6) = 91; five of them.
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 10000, 455);
}

TEST(BatchesTest, EndsWithAPartialBatch) {
  const Batches batches({5, 3, 1, 0, 2}, 2);
  ASSERT_EQ(batches.count(), 3);
  EXPECT_THAT(batches.batch(0), ElementsAre(5, 3));
  EXPECT_THAT(batches.batch(1), ElementsAre(1, 0));
  EXPECT_THAT(batches.batch(2), ElementsAre(2));
}

TEST(BatchesTest, CutsFashionMnist) {
  const Batches batches(Iota(60000), 256);
  ASSERT_EQ(batches.count(), 235);
  EXPECT_THAT(batches.batch(233), SizeIs(256));
  EXPECT_THAT(batches.batch(234), SizeIs(96));
  EXPECT_EQ(batches.batch(234).back(), 59999);
}

TEST(BatchesTest, FitsExactlyOrIsOneBatchOrNone) {
  EXPECT_EQ(Batches(Iota(4), 2).count(), 2);
  EXPECT_EQ(Batches(Iota(4), 5).count(), 1);
  EXPECT_EQ(Batches(Iota(4), INT64_MAX).count(), 1);
  EXPECT_EQ(Batches({}, 5).count(), 0);
}

TEST(BatchesDeathTest, ChecksItsArguments) {
  EXPECT_DEATH(Batches(Iota(4), 0), "broken invariant");
  const Batches batches(Iota(4), 2);
  EXPECT_DEATH(batches.batch(2), "broken invariant");
  EXPECT_DEATH(batches.batch(-1), "broken invariant");
}

// 3 images of 1 x 2 pixels and 3 channels.
Dataset SmallDataset() {
  return OfOneClass(
      Tensor::Of<uint8_t>({3, 1, 2, 3}, {0, 1, 2, 3, 4, 5,        //
                                         10, 11, 12, 13, 14, 15,  //
                                         20, 21, 22, 23, 24, 255}));
}

TEST(ReadInputsTest, GathersPixelsOver255) {
  std::vector<float> out(13, -1.0f);
  LENSLET_ASSERT_OK(
      ReadInputs(SmallDataset(), {2, 0}, Layout::kImages, out.data()));
  EXPECT_THAT(out,
              ElementsAre(20 / 255.0f, 21 / 255.0f, 22 / 255.0f, 23 / 255.0f,
                          24 / 255.0f, 1.0f, 0.0f, 1 / 255.0f, 2 / 255.0f,
                          3 / 255.0f, 4 / 255.0f, 5 / 255.0f, -1.0f));
}

TEST(ReadInputsTest, RoundsEveryByteAsADivisionDoes) {
  Tensor bytes({1, 16, 16, 1}, ElementType::kUint8);
  for (int i = 0; i < 256; ++i) {
    bytes.data<uint8_t>()[i] = static_cast<uint8_t>(i);
  }
  std::vector<float> out(256);
  LENSLET_ASSERT_OK(ReadInputs(OfOneClass(std::move(bytes)), {0},
                               Layout::kImages, out.data()));
  // Read where the compiler cannot see them, so that the machine divides.
  volatile float divisor = 255.0f;
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(out[i], static_cast<float>(i) / divisor) << i;
  }
}

// Rows of a table: taken as they are.
TEST(ReadInputsTest, GathersFloatNumbers) {
  const Dataset dataset =
      OfOneClass(Tensor::Of({3, 2}, {-1, 0.1f, 300, 1e-30f, 5, 6}));
  std::vector<float> rows(5, -99);
  LENSLET_ASSERT_OK(ReadInputs(dataset, {1, 0}, Layout::kImages, rows.data()));
  EXPECT_THAT(rows, ElementsAre(300, 1e-30f, -1, 0.1f, -99));
  std::vector<float> lanes(2 * kLanes, -99);
  LENSLET_ASSERT_OK(ReadInputs(dataset, {1, 0}, Layout::kLanes, lanes.data()));
  std::vector<float> expected(2 * kLanes);
  expected[0] = 300;
  expected[1] = -1;
  expected[kLanes] = 1e-30f;
  expected[kLanes + 1] = 0.1f;
  EXPECT_EQ(lanes, expected);
}

TEST(ReadInputsTest, NormalizesFloatNumbersByColumn) {
  const Dataset dataset = OfOneClass(Tensor::Of({2, 2}, {1, 10, 3, 30}),
                                     {.mean = {2, 20}, .deviation = {0.5f, 5}});
  std::vector<float> rows(4);
  LENSLET_ASSERT_OK(ReadInputs(dataset, {0, 1}, Layout::kImages, rows.data()));
  EXPECT_THAT(rows, ElementsAre(-2, -2, 2, 2));
  std::vector<float> lanes(2 * kLanes, -99);
  LENSLET_ASSERT_OK(ReadInputs(dataset, {1}, Layout::kLanes, lanes.data()));
  std::vector<float> expected(2 * kLanes);
  expected[0] = 2;
  expected[kLanes] = 2;
  EXPECT_EQ(lanes, expected);
}

// What a source keeps, and what it reads into the batch.
TEST(ReadInputsTest, DependsNotOnWhoKeepsTheInputs) {
  for (const Layout layout : {Layout::kImages, Layout::kLanes}) {
    const Dataset kept = SmallDataset();
    Dataset read = kept;
    read.examples = std::make_shared<ReadingExamples>(kept);
    std::vector<float> expected(6 * kLanes, -99), out(6 * kLanes, -99);
    LENSLET_ASSERT_OK(ReadInputs(kept, {2, 0, 1}, layout, expected.data()));
    LENSLET_ASSERT_OK(ReadInputs(read, {2, 0, 1}, layout, out.data()));
    EXPECT_EQ(out, expected);
  }
}

TEST(ReadInputsTest, NoIndicesTouchNothing) {
  for (const Layout layout : {Layout::kImages, Layout::kLanes}) {
    LENSLET_EXPECT_OK(ReadInputs(SmallDataset(), {}, layout, nullptr));
  }
  EXPECT_THAT(ShuffledIndices(0, 1, 0), IsEmpty());
}

TEST(ReadInputsTest, PassesErrorsOn) {
  Dataset dataset = SmallDataset();
  dataset.examples = std::make_shared<ReadingExamples>(dataset, /*bad=*/1);
  std::vector<float> out(12, -1);
  EXPECT_THAT(ReadInputs(dataset, {0, 1}, Layout::kImages, out.data()),
              StatusIs(absl::StatusCode::kDataLoss, "example 1 is torn"));
  EXPECT_THAT(out, Each(-1));
}

TEST(ReadInputsDeathTest, ChecksIndices) {
  const Dataset dataset = SmallDataset();
  std::vector<float> pixels(6);
  for (const int64_t index : {-1, 3}) {
    EXPECT_DEATH(
        (void)ReadInputs(dataset, {index}, Layout::kImages, pixels.data()),
        "broken invariant");
    ExampleBatch batch;
    EXPECT_DEATH((void)batch.ReadTargets(*dataset.examples, {index}),
                 "broken invariant");
  }
}

}  // namespace
}  // namespace lenslet
