#include "lenslet/data/compute_normalization.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// 2 images of 1 x 2 pixels. The first channel is 0, 255, 255, 0; the second 0,
// 0, 0, 51 = 0.2 * 255: mean 0.05, variance 0.04 / 4 - 0.0025 = 0.0075; the
// third always 102 = 0.4 * 255.
TEST(ComputeNormalizationTest, TakesEachChannel) {
  const Dataset dataset = OfOneClass(Tensor::Of<uint8_t>(
      {2, 1, 2, 3}, {0, 0, 102, 255, 0, 102, 255, 0, 102, 0, 51, 102}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Normalization normalization,
                               ComputeNormalization(dataset));
  EXPECT_THAT(normalization.mean, ElementsAre(0.5f, 0.05f, 0.4f));
  EXPECT_THAT(normalization.deviation,
              ElementsAre(0.5f, static_cast<float>(std::sqrt(0.0075)), 1.0f));
}

// More than are summed up in 32 bits: half of them 255.
TEST(ComputeNormalizationTest, SumsDoNotOverflow) {
  Tensor images({300, 1000, 1}, ElementType::kUint8);
  for (int i = 0; i < 150000; ++i) images.data<uint8_t>()[i] = 255;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Normalization normalization,
      ComputeNormalization(OfOneClass(std::move(images))));
  EXPECT_THAT(normalization.mean, ElementsAre(0.5f));
  EXPECT_THAT(normalization.deviation, ElementsAre(0.5f));
}

// An example of one number has no channels.
TEST(ComputeNormalizationTest, TakesScalars) {
  const Dataset dataset = OfOneClass(Tensor::Of<uint8_t>({2}, {0, 255}));
  EXPECT_THAT(ComputeNormalization(dataset)->mean, ElementsAre(0.5f));
}

// More than 32 bits hold in one example, too: 1,000,000 squares of 255.
TEST(ComputeNormalizationTest, SumsOfAnExampleDoNotOverflow) {
  Tensor images({1, 1000, 1000, 2}, ElementType::kUint8);
  for (int i = 0; i < 2000000; ++i) {
    images.data<uint8_t>()[i] = i % 2 == 0 || i % 4 == 1 ? 255 : 0;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Normalization normalization,
      ComputeNormalization(OfOneClass(std::move(images))));
  EXPECT_THAT(normalization.mean, ElementsAre(1.0f, 0.5f));
  EXPECT_THAT(normalization.deviation, ElementsAre(1.0f, 0.5f));
}

// Columns -1, 1, 3 and 5: mean 2, variance (9 + 1 + 1 + 9) / 4 = 5; four times
// 0.1, which is constant; and 1e6 plus 0, 0, 2 and 2, which lose no digits:
// mean 1e6 + 1, variance 1.
TEST(ComputeNormalizationTest, TakesFloatNumbers) {
  const Dataset dataset = OfOneClass(Tensor::Of({4, 3}, {-1, 0.1f, 1e6f,    //
                                                         1, 0.1f, 1e6f,     //
                                                         3, 0.1f, 1000002,  //
                                                         5, 0.1f, 1000002}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Normalization normalization,
                               ComputeNormalization(dataset));
  EXPECT_THAT(normalization.mean, ElementsAre(2.0f, 0.1f, 1000001.0f));
  EXPECT_THAT(normalization.deviation,
              ElementsAre(static_cast<float>(std::sqrt(5.0)), 1.0f, 1.0f));
}

// Two values, 1 apart, in more examples than are read at once.
TEST(ComputeNormalizationTest, ReadsAllExamples) {
  Tensor numbers({1000, 1});
  for (int i = 500; i < 1000; ++i) numbers.data()[i] = 1;
  const Dataset kept = OfOneClass(std::move(numbers));
  Dataset read = kept;
  read.examples = std::make_shared<ReadingExamples>(kept);
  for (const Dataset& dataset : {kept, read}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Normalization normalization,
                                 ComputeNormalization(dataset));
    EXPECT_THAT(normalization.mean, ElementsAre(0.5f));
    EXPECT_THAT(normalization.deviation, ElementsAre(0.5f));
  }
  read.examples = std::make_shared<ReadingExamples>(kept, /*bad=*/999);
  EXPECT_THAT(ComputeNormalization(read),
              StatusIs(absl::StatusCode::kDataLoss, "example 999 is torn"));
}

TEST(ComputeNormalizationDeathTest, NeedsExamples) {
  EXPECT_DEATH((void)ComputeNormalization(Dataset()), "broken invariant");
}

}  // namespace
}  // namespace lenslet
