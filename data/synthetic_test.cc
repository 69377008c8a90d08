#include "lenslet/data/synthetic.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/testing/pixels.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(SyntheticTest, ClassesTakeTurns) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeSyntheticDataset({5, 4}, {.examples = 7, .classes = 3}));
  EXPECT_EQ(dataset.size(), 7);
  EXPECT_EQ(dataset.example_shape(), Shape({5, 4}));
  EXPECT_THAT(*dataset.Classes(), ::testing::ElementsAre(0, 1, 2, 0, 1, 2, 0));
  EXPECT_THAT(dataset.target_names,
              ::testing::ElementsAre("class 0", "class 1", "class 2"));
}

// The mean difference of two examples, in values of pixels.
double Difference(const Dataset& dataset, int64_t a, int64_t b) {
  const int64_t size = dataset.example_shape().elements();
  const std::vector<int> images = Pixels(dataset);
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
  EXPECT_EQ(Pixels(make(1)), Pixels(make(1)));
  EXPECT_NE(Pixels(make(1)), Pixels(make(2)));
}

TEST(SyntheticTest, Rejects) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(MakeSyntheticDataset({1}, {.examples = 0}),
              StatusIs(code, HasSubstr("examples is 0")));
  EXPECT_THAT(MakeSyntheticDataset({1}, {.examples = 1, .classes = 4097}),
              StatusIs(code, HasSubstr("classes is 4097")));
  EXPECT_THAT(MakeSyntheticDataset({1}, {.examples = 1, .noise = NAN}),
              StatusIs(code, HasSubstr("noise is nan")));
  EXPECT_THAT(MakeSyntheticDataset({3, 0}, {.examples = 1}),
              StatusIs(code, HasSubstr("shape [3, 0] have no elements")));
}

}  // namespace
}  // namespace lenslet
