#include "lenslet/data/compute_normalization.h"

#include <cmath>
#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// 2 images of 1 x 2 pixels. The first channel is 0, 255, 255, 0; the second 0,
// 0, 0, 51 = 0.2 * 255: mean 0.05, variance 0.04 / 4 - 0.0025 = 0.0075; the
// third always 102 = 0.4 * 255.
TEST(ComputeNormalizationTest, TakesEachChannel) {
  Dataset dataset;
  dataset.images = Tensor::Of<uint8_t>(
      {2, 1, 2, 3}, {0, 0, 102, 255, 0, 102, 255, 0, 102, 0, 51, 102});
  const Normalization normalization = ComputeNormalization(dataset);
  EXPECT_THAT(normalization.mean, ElementsAre(0.5f, 0.05f, 0.4f));
  EXPECT_THAT(normalization.deviation,
              ElementsAre(0.5f, static_cast<float>(std::sqrt(0.0075)), 1.0f));
}

// More than are summed up in 32 bits: half of them 255.
TEST(ComputeNormalizationTest, SumsDoNotOverflow) {
  Dataset dataset;
  dataset.images = Tensor({300, 1000, 1}, ElementType::kUint8);
  for (int i = 0; i < 150000; ++i) dataset.images.data<uint8_t>()[i] = 255;
  const Normalization normalization = ComputeNormalization(dataset);
  EXPECT_THAT(normalization.mean, ElementsAre(0.5f));
  EXPECT_THAT(normalization.deviation, ElementsAre(0.5f));
}

// An example of one number has no channels.
TEST(ComputeNormalizationTest, TakesScalars) {
  Dataset dataset;
  dataset.images = Tensor::Of<uint8_t>({2}, {0, 255});
  EXPECT_THAT(ComputeNormalization(dataset).mean, ElementsAre(0.5f));
}

TEST(ComputeNormalizationDeathTest, NeedsExamples) {
  EXPECT_DEATH(ComputeNormalization(Dataset()), "broken invariant");
}

}  // namespace
}  // namespace lenslet
