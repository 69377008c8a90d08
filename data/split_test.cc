#include "lenslet/data/split.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Examples of one pixel, which is their number, with these labels.
Dataset DatasetOfLabels(const std::vector<uint8_t>& labels, int classes) {
  const int64_t size = static_cast<int64_t>(labels.size());
  ExampleArrays arrays = {
      .inputs = Tensor({size, 1, 1, 1}, ElementType::kUint8),
      .targets = Tensor({size}, ElementType::kUint8)};
  for (int64_t i = 0; i < size; ++i) {
    arrays.inputs.data<uint8_t>()[i] = static_cast<uint8_t>(i);
    arrays.targets.data<uint8_t>()[i] = labels[i];
  }
  std::vector<std::string> names;
  for (int c = 0; c < classes; ++c) {
    names.push_back(std::string(1, static_cast<char>('a' + c)));
  }
  return *MakeDataset(std::move(arrays), std::move(names),
                      {.mean = {0.5f}, .deviation = {2.0f}});
}

// One example, of whose class no loader has made sure.
class WrongClassExamples : public Examples {
 public:
  explicit WrongClassExamples(int32_t wrong) : wrong_(wrong) {}
  int64_t size() const override { return 1; }
  Shape shape() const override { return {1, 1, 1}; }
  ElementType type() const override { return ElementType::kUint8; }
  absl::Status ReadInputs(absl::Span<const int64_t>,
                          ExampleBatch&) const override {
    return absl::OkStatus();
  }
  absl::Status ReadTargets(absl::Span<const int64_t>,
                           ExampleBatch& batch) const override {
    batch.classes()[0] = wrong_;
    return absl::OkStatus();
  }

 private:
  const int32_t wrong_;
};

// 4 of class 0, 12 of class 1, 1 of class 2, none of class 3.
Dataset Uneven() {
  return DatasetOfLabels({1, 0, 1, 1, 0, 1, 1, 2, 1, 0, 1, 1, 1, 0, 1, 1, 1},
                         4);
}

TEST(ClassCountsTest, CountsEveryClass) {
  EXPECT_THAT(*ClassCounts(Uneven()), ElementsAre(4, 12, 1, 0));
  EXPECT_THAT(*ClassCounts(Dataset()), IsEmpty());
}

// Of what is read, where no loader has looked at the classes.
TEST(ClassCountsTest, NeedsANameForEachClass) {
  for (const int32_t wrong : {-1, 4, 1 << 30}) {
    Dataset dataset = Uneven();
    dataset.examples = std::make_shared<WrongClassExamples>(wrong);
    const std::string text =
        absl::StrCat("example 0 of the data set has class ", wrong,
                     "; expected a number in [0, 3]");
    EXPECT_THAT(ClassCounts(dataset),
                StatusIs(absl::StatusCode::kInvalidArgument, text));
    EXPECT_THAT(SplitOff(dataset, 0.5, /*seed=*/1).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, text));
  }
}

TEST(ClassCountsTest, AreOfClasses) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset values,
                               MakeDataset({.inputs = Tensor({4, 1}),
                                            .targets = Tensor({4, 2}),
                                            .kind = TargetKind::kValues},
                                           {"x", "y"}));
  EXPECT_THAT(*ClassCounts(values), IsEmpty());
}

TEST(SelectExamplesTest, TakesEverythingAlong) {
  const Dataset some = SelectExamples(Uneven(), {7, 1, 1});
  EXPECT_THAT(Pixels(some), ElementsAre(7, 1, 1));
  EXPECT_THAT(*some.Classes(), ElementsAre(2, 0, 0));
  EXPECT_EQ(some.example_shape(), Shape({1, 1, 1}));
  EXPECT_THAT(some.target_names, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(some.normalization.mean, ElementsAre(0.5f));
  EXPECT_THAT(some.normalization.deviation, ElementsAre(2.0f));
}

TEST(SelectExamplesTest, SelectsFromASelection) {
  const Dataset some = SelectExamples(Uneven(), {9, 7, 5, 3});
  const Dataset fewer = SelectExamples(some, {3, 1});
  EXPECT_THAT(Pixels(fewer), ElementsAre(3, 7));
  EXPECT_THAT(*fewer.Classes(), ElementsAre(1, 2));
  EXPECT_THAT(*DigestOf(fewer), *DigestOf(SelectExamples(Uneven(), {3, 7})));
  EXPECT_DEATH((void)SelectExamples(some, {4}), "broken invariant");
}

TEST(SelectExamplesTest, SharesTheExamples) {
  const Dataset all = Uneven();
  const Dataset half = SelectExamples(all, {0, 2, 4, 6, 8, 10, 12, 14});
  EXPECT_TRUE(half.examples->keeps_inputs());
  // 17 examples of a byte and a label; 8 / 17 of them.
  EXPECT_EQ(all.examples->bytes(), 34);
  EXPECT_EQ(half.examples->bytes(), 16);
  ExampleBatch of_all, of_half;
  LENSLET_ASSERT_OK(of_all.ReadInputs(*all.examples, {4}));
  LENSLET_ASSERT_OK(of_half.ReadInputs(*half.examples, {2}));
  EXPECT_EQ(of_all.inputs()[0], of_half.inputs()[0]);
}

TEST(SelectExamplesTest, ShufflesWhatIsInMemory) {
  const Dataset some = SelectExamples(Uneven(), {9, 7, 5, 3});
  EXPECT_EQ(some.examples->EpochOrder(/*seed=*/1, /*epoch=*/2),
            ShuffledIndices(4, /*seed=*/1, /*epoch=*/2));
}

TEST(SelectExamplesTest, ShufflesWhatIsReadAnewLikeWhatIsInMemory) {
  Dataset all = Uneven();
  all.examples = std::make_shared<ReadingExamples>(Uneven());
  EXPECT_FALSE(all.examples->keeps_inputs());
  const Dataset some =
      SelectExamples(SelectExamples(all, {9, 7, 5, 3}), {3, 1, 0});
  EXPECT_EQ(some.examples->EpochOrder(/*seed=*/1, /*epoch=*/2),
            ShuffledIndices(3, /*seed=*/1, /*epoch=*/2));
}

// Examples whose order is the last first, and that keep no inputs.
class BackwardExamples : public ReadingExamples {
 public:
  using ReadingExamples::ReadingExamples;
  std::vector<int64_t> EpochOrder(uint64_t, int64_t) const override {
    std::vector<int64_t> order = AllIndices(size());
    std::reverse(order.begin(), order.end());
    return order;
  }
  void WillRead(absl::Span<const int64_t> order) const override {
    announced.assign(order.begin(), order.end());
  }

  mutable std::vector<int64_t> announced;
};

TEST(SelectExamplesTest, FollowsTheOrderOfWhatIsReadAnew) {
  const auto backward = std::make_shared<BackwardExamples>(Uneven());
  Dataset all = Uneven();
  all.examples = backward;
  const Dataset some = SelectExamples(all, {3, 9, 5, 9, 16});
  const std::vector<int64_t> order =
      some.examples->EpochOrder(/*seed=*/1, /*epoch=*/0);
  EXPECT_THAT(order, ElementsAre(4, 1, 3, 2, 0));
  EXPECT_THAT(Pixels(SelectExamples(some, order)), ElementsAre(16, 9, 9, 5, 3));
  some.examples->WillRead(order);
  EXPECT_THAT(backward->announced, ElementsAre(16, 9, 9, 5, 3));
}

TEST(SelectExamplesDeathTest, ChecksIndices) {
  EXPECT_DEATH((void)SelectExamples(Uneven(), {17}), "broken invariant");
  EXPECT_DEATH((void)SelectExamples(Uneven(), {-1}), "broken invariant");
}

TEST(FirstExamplesTest, TakesNoMoreThanThereAre) {
  EXPECT_THAT(Pixels(FirstExamples(Uneven(), 3)), ElementsAre(0, 1, 2));
  EXPECT_EQ(FirstExamples(Uneven(), 17).size(), 17);
  EXPECT_EQ(FirstExamples(Uneven(), 100).size(), 17);
  const Dataset none = FirstExamples(Uneven(), 0);
  EXPECT_EQ(none.size(), 0);
  EXPECT_EQ(none.example_shape(), Shape({1, 1, 1}));
  EXPECT_THAT(*ClassCounts(none), ElementsAre(0, 0, 0, 0));
}

TEST(SplitOffTest, TakesTheSameShareOfEachClass) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0.25, /*seed=*/1));
  EXPECT_THAT(*ClassCounts(parts.train), ElementsAre(3, 9, 1, 0));
  EXPECT_THAT(*ClassCounts(parts.validation), ElementsAre(1, 3, 0, 0));
}

TEST(SplitOffTest, KeepsTheOrderAndLosesNothing) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0.4, /*seed=*/1));
  const std::vector<int> train = Pixels(parts.train);
  const std::vector<int> validation = Pixels(parts.validation);
  EXPECT_TRUE(std::is_sorted(train.begin(), train.end()));
  EXPECT_TRUE(std::is_sorted(validation.begin(), validation.end()));
  std::vector<int> all = train;
  all.insert(all.end(), validation.begin(), validation.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, Pixels(Uneven()));
}

// Of 100 values, the one that is chosen of each ten neighbors.
TEST(SplitOffTest, TakesSmallAndLargeValues) {
  ExampleArrays arrays = {.inputs = Tensor({100, 1}),
                          .targets = Tensor({100, 2}),
                          .kind = TargetKind::kValues};
  for (int64_t i = 0; i < 100; ++i) {
    arrays.targets.data()[2 * i] = static_cast<float>(i * 37 % 100);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset values,
                               MakeDataset(std::move(arrays), {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(values, 0.1, /*seed=*/1));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*parts.validation.examples,
                                      AllIndices(parts.validation.size())));
  std::vector<int> bins(10);
  for (int64_t i = 0; i < parts.validation.size(); ++i) {
    ++bins[static_cast<int>(batch.values()[2 * i]) / 10];
  }
  EXPECT_THAT(bins, ::testing::Each(1));
}

// 4 of 40 examples have the second label, and 20 the first.
TEST(SplitOffTest, KeepsTheSharesOfLabels) {
  ExampleArrays arrays = {.inputs = Tensor({40, 1}),
                          .targets = Tensor({40, 2}, ElementType::kUint8),
                          .kind = TargetKind::kLabels};
  for (int64_t i = 0; i < 40; ++i) {
    arrays.targets.data<uint8_t>()[2 * i] = i % 2 == 0;
    arrays.targets.data<uint8_t>()[2 * i + 1] = i % 10 == 0;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset labels,
                               MakeDataset(std::move(arrays), {"a", "b"}));
  for (const uint64_t seed : {1, 2, 3}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                                 SplitOff(labels, 0.25, seed));
    ExampleBatch batch;
    LENSLET_ASSERT_OK(batch.ReadTargets(*parts.validation.examples,
                                        AllIndices(parts.validation.size())));
    float first = 0, second = 0;
    for (int64_t i = 0; i < parts.validation.size(); ++i) {
      first += batch.values()[2 * i];
      second += batch.values()[2 * i + 1];
    }
    EXPECT_EQ(first, 5);
    EXPECT_EQ(second, 1);
    EXPECT_EQ(parts.validation.size(), 10);
  }
}

TEST(SplitOffTest, TakesMapsAndImagesAsOneClass) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset values,
                               MakeDataset({.inputs = Tensor({10, 1}),
                                            .targets = Tensor({10, 2, 1}),
                                            .kind = TargetKind::kValues},
                                           {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(values, 0.3, /*seed=*/1));
  EXPECT_EQ(parts.train.size(), 7);
  EXPECT_EQ(parts.validation.size(), 3);
  EXPECT_EQ(parts.validation.examples->target(), values.examples->target());
}

TEST(SplitOffTest, StopsWhereLabelsCannotBeRead) {
  Dataset dataset = Uneven();
  dataset.examples = std::make_shared<ReadingExamples>(Uneven(), /*bad=*/3);
  EXPECT_THAT(SplitOff(dataset, 0.5, /*seed=*/1).status(),
              StatusIs(absl::StatusCode::kDataLoss, "example 3 is torn"));
  EXPECT_THAT(ClassCounts(dataset),
              StatusIs(absl::StatusCode::kDataLoss, "example 3 is torn"));
}

// Even if the share rounds to all of a class.
TEST(SplitOffTest, LeavesOneOfEachClassToTrainWith) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0.99, /*seed=*/1));
  EXPECT_THAT(*ClassCounts(parts.train), ElementsAre(1, 1, 1, 0));
}

TEST(SplitOffTest, OfNothingLeavesAll) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(Uneven(), 0, /*seed=*/1));
  EXPECT_EQ(Pixels(parts.train), Pixels(Uneven()));
  EXPECT_EQ(parts.validation.size(), 0);
  EXPECT_EQ(parts.validation.example_shape(), Shape({1, 1, 1}));
}

TEST(SplitOffTest, IsReproducibleAndDiffersBySeed) {
  const auto validation = [](uint64_t seed) {
    return Pixels(
        SplitOff(DatasetOfLabels(std::vector<uint8_t>(200, 0), 1), 0.5, seed)
            ->validation);
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(validation(1), validation(2));
}

// The split that users' seeds stand for: a change here changes every run.
TEST(SplitOffTest, IsTheSameOnEveryMachine) {
  EXPECT_THAT(Pixels(SplitOff(Uneven(), 0.25, /*seed=*/1)->validation),
              ElementsAre(0, 1, 6, 10));
}

TEST(SplitOffTest, DrawsEveryExampleEquallyOften) {
  std::vector<int> counts(5);
  for (int seed = 0; seed < 5000; ++seed) {
    const Dataset validation = std::move(
        SplitOff(DatasetOfLabels(std::vector<uint8_t>(5, 0), 1), 0.4, seed)
            ->validation);
    for (const int pixel : Pixels(validation)) ++counts[pixel];
  }
  // Standard deviation sqrt(5000 * 0.4 * 0.6) = 35; five of them.
  for (const int count : counts) EXPECT_NEAR(count, 2000, 175);
}

// 0.1 of two examples is none, but 0.1 of 40 is 4.
TEST(SplitOffTest, SomeOfManySmallClassesGiveUpOne) {
  std::vector<uint8_t> labels;
  for (int c = 0; c < 20; ++c) labels.insert(labels.end(), 2, c);
  labels.push_back(19);
  const Dataset dataset = DatasetOfLabels(labels, 20);
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainAndValidation parts,
                               SplitOff(dataset, 0.1, /*seed=*/1));
  EXPECT_EQ(parts.validation.size(), 4);
  EXPECT_EQ(parts.train.size(), 37);
  const std::vector<int64_t> counts = *ClassCounts(parts.train);
  EXPECT_EQ(counts[19], 2);
  EXPECT_THAT(counts, testing::Each(testing::AnyOf(1, 2)));
  EXPECT_EQ(SplitOff(dataset, 0.01, /*seed=*/1)->validation.size(), 0);
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
