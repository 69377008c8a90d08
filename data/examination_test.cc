#include "lenslet/data/examination.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Images of two pixels, each twice, of class `classes[i]`.
Dataset Pairs(const std::vector<uint8_t>& pixels,
              const std::vector<uint8_t>& classes) {
  const auto size = static_cast<int64_t>(classes.size());
  ExampleArrays arrays = {
      .inputs = Tensor({size, 1, 4, 1}, ElementType::kUint8),
      .targets = Tensor({size}, ElementType::kUint8)};
  for (int64_t i = 0; i < 4 * size; ++i) {
    arrays.inputs.data<uint8_t>()[i] = pixels[i / 4 * 2 + i % 2];
  }
  std::copy(classes.begin(), classes.end(), arrays.targets.data<uint8_t>());
  return MakeDataset(std::move(arrays), {"cat", "dog"}).value();
}

TEST(ExaminationTest, FindsConstantInputsAndThoseInBothSets) {
  const Dataset train = Pairs({1, 2, 0, 0, 7, 7, 3, 4, 1, 2}, {0, 1, 1, 0, 0});
  const Dataset test = Pairs({5, 6, 3, 4}, {0, 1});
  for (const int threads : {1, 3}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Examination found,
        ExamineExamples(train, test, {.threads = threads}));
    EXPECT_EQ(found.train.read, 5);
    EXPECT_EQ(found.train.constant, 2);
    EXPECT_EQ(found.train.first_constant, 1);
    EXPECT_THAT(found.train.constant_classes, ElementsAre(1));
    EXPECT_EQ(found.shared, 1);
    EXPECT_EQ(found.first_test, 1);
    EXPECT_EQ(found.first_train, 3);
    EXPECT_EQ(found.repeated, 1);
    EXPECT_THAT(
        ExaminationWarnings(found, train, test),
        ElementsAre(
            "2 of 5 training examples have one value everywhere, the first at "
            "index 1, among them all of class \"dog\"; only that value "
            "can be learned from them; if they are drawn on a transparent "
            "ground, set "
            "background",
            "1 of 2 test examples is among the training examples, too, as test "
            "example 1 is training example 3; test results are too good by "
            "what is known by heart",
            "1 of 5 training examples repeats another; validation examples "
            "that are set aside may repeat those that are trained on"));
  }
}

TEST(ExaminationTest, EqualImagesOfTwoClasses) {
  const Dataset train = Pairs({1, 2, 3, 4, 1, 2, 1, 2}, {0, 1, 0, 1});
  EXPECT_THAT(
      ExaminationWarnings(*ExamineExamples(train, {}), train, {}),
      ElementsAre("1 of 4 training examples is of another class than an equal "
                  "one, as example 3 is example 0; expected one class for both",
                  StartsWith("2 of 4 training examples repeat another; ")));
}

// As files of 10 bits in 16 are, when they are read as bytes.
TEST(ExaminationTest, TestImagesThatAreMuchDarker) {
  const Dataset train = Pairs({1, 250, 3, 4}, {0, 1});
  const Dataset dark = Pairs({0, 3, 2, 1}, {0, 1});
  EXPECT_THAT(
      ExaminationWarnings(*ExamineExamples(train, dark), train, dark),
      ElementsAre("the largest number of the training examples is 250, but "
                  "that of the test examples 3; expected the same range, from "
                  "files of the same number of bits"));
  EXPECT_THAT(ExaminationWarnings(*ExamineExamples(dark, train), dark, train),
              ElementsAre(StartsWith("the largest number of the training "
                                     "examples is 3, but")));
  const Dataset half = Pairs({0, 125, 2, 1}, {0, 1});
  EXPECT_THAT(ExaminationWarnings(*ExamineExamples(train, half), train, half),
              IsEmpty());
}

// Rows of one number.
Dataset Rows(const std::vector<float>& numbers) {
  const auto size = static_cast<int64_t>(numbers.size());
  ExampleArrays arrays = {.inputs = Tensor({size, 1}, ElementType::kFloat32),
                          .targets = Tensor({size}, ElementType::kUint8)};
  std::copy(numbers.begin(), numbers.end(), arrays.inputs.data<float>());
  std::fill_n(arrays.targets.data<uint8_t>(), size, 0);
  return MakeDataset(std::move(arrays), {"cat"}).value();
}

TEST(ExaminationTest, ShortRowsThatAreEqualByMoreThanChance) {
  std::vector<float> numbers, others, few;
  for (int i = 0; i < 20; ++i) {
    numbers.push_back(0.37f * static_cast<float>(i));
    others.push_back(0.41f * static_cast<float>(i) + 0.1f);
    few.push_back(static_cast<float>(i % 5));
  }
  const Dataset train = Rows(numbers);
  EXPECT_THAT(ExaminationWarnings(*ExamineExamples(train, train), train, train),
              ElementsAre(StartsWith("20 of 20 test examples are among the "
                                     "training examples, too, ")));
  for (const auto& [a, b] :
       {std::pair(train, Rows(others)), std::pair(Rows(few), Rows(few))}) {
    EXPECT_THAT(ExaminationWarnings(*ExamineExamples(a, b), a, b), IsEmpty());
  }
}

TEST(ExaminationTest, SaysNothingOfGoodData) {
  const Dataset train = Pairs({1, 2, 3, 4}, {0, 1}), test = Pairs({2, 1}, {0});
  EXPECT_THAT(ExaminationWarnings(*ExamineExamples(train, test), train, test),
              IsEmpty());
  EXPECT_THAT(ExaminationWarnings(*ExamineExamples(train, {}), train, {}),
              IsEmpty());
}

TEST(ExaminationTest, SaysHowManyItLookedAt) {
  const Dataset train = Pairs({0, 0, 1, 1, 2, 2, 3, 3}, {0, 1, 0, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Examination found,
                               ExamineExamples(train, {}, {.max_examples = 2}));
  EXPECT_THAT(
      ExaminationWarnings(found, train, {}),
      ElementsAre(StartsWith("2 of 2 checked training examples have one value "
                             "everywhere, the first at index 0, among them all "
                             "of class \"cat\"; ")));
  EXPECT_EQ(ExaminationNote(found),
            "checked 2 of 4 training examples, spread evenly, for unreadable "
            "files, constant inputs and duplicates");
  EXPECT_THAT(
      ExaminationNote(*ExamineExamples(train, train, {.max_examples = 3})),
      StartsWith(
          "checked 3 of 4 training examples and 3 of 4 test examples, "));
  EXPECT_EQ(ExaminationNote(*ExamineExamples(train, train)), "");
}

// A class of which some inputs are others is not named.
TEST(ExaminationTest, NamesClassesThatHaveNothingElse) {
  const Dataset train = Pairs({1, 1, 2, 3, 4, 4}, {0, 0, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Examination found,
                               ExamineExamples(train, {}));
  EXPECT_EQ(found.train.constant, 2);
  EXPECT_THAT(found.train.constant_classes, ElementsAre(1));
}

// Some of its files are broken.
class Broken : public Examples {
 public:
  int64_t size() const override { return 10; }
  Shape shape() const override { return {2}; }
  ElementType type() const override { return ElementType::kFloat32; }
  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    if (indices[0] < 7) return absl::DataLossError("x.png: is cut off");
    batch.Input<float>(0)[0] = static_cast<float>(indices[0]);
    batch.Input<float>(0)[1] = 0;
    return absl::OkStatus();
  }
  absl::Status ReadTargets(absl::Span<const int64_t>,
                           ExampleBatch&) const override {
    return absl::OkStatus();
  }
};

TEST(ExaminationTest, CountsWhatCannotBeRead) {
  const Dataset broken = {.examples = std::make_shared<Broken>(),
                          .target_names = {"one"}};
  LENSLET_ASSERT_OK_AND_ASSIGN(const Examination found,
                               ExamineExamples(broken, {}));
  EXPECT_EQ(found.train.unreadable, 7);
  EXPECT_THAT(found.train.errors, SizeIs(7));
}

}  // namespace
}  // namespace lenslet
