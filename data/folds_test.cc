#include "lenslet/data/folds.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Of one pixel, which is the example's number, with 3 classes: 10 of the first,
// 7 of the second, 6 of the third, mixed.
Dataset Mixed() {
  constexpr int64_t kSize = 23;
  ExampleArrays arrays = {
      .inputs = Tensor({kSize, 1, 1, 1}, ElementType::kUint8),
      .targets = Tensor({kSize}, ElementType::kUint8)};
  for (int64_t i = 0; i < kSize; ++i) {
    arrays.inputs.data<uint8_t>()[i] = static_cast<uint8_t>(i);
    const int64_t place = i * 5 % kSize;
    arrays.targets.data<uint8_t>()[i] = place < 10 ? 0 : place < 17 ? 1 : 2;
  }
  return *MakeDataset(std::move(arrays), {"a", "b", "c"}, {});
}

std::vector<int64_t> Numbers(const Dataset& dataset) {
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    numbers.push_back(dataset.Example(i)->data<uint8_t>()[0]);
  }
  return numbers;
}

TEST(FoldsTest, EachExampleIsInOneFoldAndClassesAreEven) {
  const Dataset all = Mixed();
  const std::vector<int64_t> class_sizes = {10, 7, 6};
  for (const int64_t folds : {2, 4, 5, 23}) {
    std::vector<int64_t> validated;
    for (int64_t number = 1; number <= folds; ++number) {
      LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                                   FoldOf(all, number, folds, /*seed=*/3));
      const std::vector<int64_t> validation = Numbers(parts.validation);
      std::vector<int64_t> both = Numbers(parts.train);
      EXPECT_TRUE(std::is_sorted(both.begin(), both.end()));
      EXPECT_TRUE(std::is_sorted(validation.begin(), validation.end()));
      both.insert(both.end(), validation.begin(), validation.end());
      std::sort(both.begin(), both.end());
      EXPECT_THAT(both, ElementsAreArray(AllIndices(23)));
      EXPECT_GE(parts.validation.size(), 23 / folds);
      EXPECT_LE(parts.validation.size(), (23 + folds - 1) / folds);
      LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<int64_t> counts,
                                   ClassCounts(parts.validation));
      for (size_t c = 0; c < counts.size(); ++c) {
        EXPECT_GE(counts[c], class_sizes[c] / folds);
        EXPECT_LE(counts[c], (class_sizes[c] + folds - 1) / folds);
      }
      validated.insert(validated.end(), validation.begin(), validation.end());
    }
    std::sort(validated.begin(), validated.end());
    EXPECT_THAT(validated, ElementsAreArray(AllIndices(23)));
  }
}

TEST(FoldsTest, DependOnTheSeedOnly) {
  const auto first = [](uint64_t seed) {
    return Numbers(FoldOf(Mixed(), 1, 4, seed)->validation);
  };
  EXPECT_EQ(first(3), first(3));
  EXPECT_NE(first(3), first(4));
}

TEST(FoldsTest, NumbersOutOfRangeAreErrors) {
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(FoldOf(Mixed(), 1, 1, 0).status(),
              refused("fold.of is 1; expected a number in [2, 23]"));
  EXPECT_THAT(FoldOf(Mixed(), 1, 24, 0).status(), refused("fold.of is 24"));
  EXPECT_THAT(FoldOf(Mixed(), 0, 5, 0).status(),
              refused("fold.number is 0; expected a number in [1, 5]"));
  EXPECT_THAT(FoldOf(Mixed(), 6, 5, 0).status(), refused("fold.number is 6"));
}

}  // namespace
}  // namespace lenslet
