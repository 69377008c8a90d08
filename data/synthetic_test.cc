#include "lenslet/data/synthetic.h"

#include <cmath>
#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/dataset.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(SyntheticTest, ClassesTakeTurns) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeSyntheticDataset({5, 4}, {.examples = 7, .classes = 3}));
  EXPECT_EQ(dataset.size(), 7);
  EXPECT_EQ(dataset.image_shape(), Shape({5, 4}));
  EXPECT_THAT(dataset.labels.span<uint8_t>(),
              ::testing::ElementsAre(0, 1, 2, 0, 1, 2, 0));
  EXPECT_THAT(dataset.class_names,
              ::testing::ElementsAre("class 0", "class 1", "class 2"));
}

// The mean difference of two examples, in values of pixels.
double Difference(const Dataset& dataset, int64_t a, int64_t b) {
  const int64_t size = dataset.image_shape().elements();
  const uint8_t* images = dataset.images.data<uint8_t>();
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    sum += std::abs(images[a * size + i] - images[b * size + i]);
  }
  return sum / static_cast<double>(size);
}

TEST(SyntheticTest, NoiseMakesExamplesOfAClassDiffer) {
  const auto make = [](double noise) {
    return *MakeSyntheticDataset({30, 30, 1},
                                 {.examples = 4, .classes = 2, .noise = noise});
  };
  EXPECT_EQ(Difference(make(0), 0, 2), 0);
  EXPECT_GT(Difference(make(0), 0, 1), 60);
  const Dataset mixed = make(0.5);
  EXPECT_GT(Difference(mixed, 0, 2), 20);
  EXPECT_LT(Difference(mixed, 0, 2), Difference(mixed, 0, 1));
}

TEST(SyntheticTest, TheSeedDecides) {
  const auto make = [](uint64_t seed) {
    return *MakeSyntheticDataset({9}, {.examples = 3, .seed = seed});
  };
  EXPECT_EQ(make(1).images.span<uint8_t>(), make(1).images.span<uint8_t>());
  EXPECT_NE(make(1).images.span<uint8_t>(), make(2).images.span<uint8_t>());
}

TEST(SyntheticTest, Rejects) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(MakeSyntheticDataset({1}, {.examples = 0}),
              StatusIs(code, HasSubstr("examples is 0")));
  EXPECT_THAT(MakeSyntheticDataset({1}, {.examples = 1, .classes = 257}),
              StatusIs(code, HasSubstr("classes is 257")));
  EXPECT_THAT(MakeSyntheticDataset({1}, {.examples = 1, .noise = NAN}),
              StatusIs(code, HasSubstr("noise is nan")));
  EXPECT_THAT(MakeSyntheticDataset({3, 0}, {.examples = 1}),
              StatusIs(code, HasSubstr("shape [3, 0] have no elements")));
}

}  // namespace
}  // namespace lenslet
