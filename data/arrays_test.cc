#include "lenslet/data/arrays.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void ExpectNoDataset(ExampleArrays arrays, std::vector<std::string> names,
                     const std::string& message) {
  EXPECT_THAT(MakeDataset(std::move(arrays), std::move(names)),
              StatusIs(absl::StatusCode::kInvalidArgument, message));
}

Tensor ByteTensor(const Shape& shape) {
  return Tensor(shape, ElementType::kUint8);
}

TEST(MakeDatasetTest, TakesClassesOfImages) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeDataset({.inputs = ByteTensor({3, 4, 5, 1}),
                   .targets = Tensor::Of<uint8_t>({3}, {1, 0, 1})},
                  {"cat", "dog"}, {.mean = {0.5f}, .deviation = {0.25f}}));
  EXPECT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.example_shape(), Shape({4, 5, 1}));
  EXPECT_EQ(dataset.examples->type(), ElementType::kUint8);
  EXPECT_EQ(dataset.examples->target(), TargetSpec());
  EXPECT_TRUE(dataset.examples->keeps_inputs());
  EXPECT_EQ(dataset.examples->bytes(), 3 * 20 + 3);
  EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 0, 1));
  EXPECT_THAT(dataset.target_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(dataset.normalization.mean, ElementsAre(0.5f));
}

TEST(MakeDatasetTest, TakesClassesOfPositions) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               MakeDataset({.inputs = ByteTensor({2, 1, 3, 3}),
                                            .targets = Tensor::Of<uint8_t>(
                                                {2, 1, 3}, {0, 1, 1, 0, 0, 1})},
                                           {"sky", "road"}));
  EXPECT_EQ(dataset.examples->target(), TargetSpec({.shape = {1, 3}}));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, {1, 0}));
  EXPECT_THAT(batch.classes(), ElementsAre(0, 0, 1, 0, 1, 1));
  EXPECT_THAT(*ClassCounts(dataset), ElementsAre(3, 3));
}

// A byte cannot count them.
TEST(MakeDatasetTest, TakesMoreThan256Classes) {
  const std::vector<std::string> names(1000, "x");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Dataset data, MakeDataset({.inputs = ByteTensor({3, 1}),
                                 .targets = *ClassTensor({999, 0, 256}, {3})},
                                names));
  EXPECT_THAT(*data.Classes(), ElementsAre(999, 0, 256));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      data, MakeDataset({.inputs = ByteTensor({1, 1}),
                         .targets = *ClassTensor({300, 255, 7}, {1, 3}),
                         .ignored = 255},
                        names));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*data.examples, {0}));
  EXPECT_THAT(batch.classes(), ElementsAre(300, kIgnoredClass, 7));
  EXPECT_EQ(ClassTensor({255, 0}, {2})->type(), ElementType::kUint8);
}

TEST(MakeDatasetTest, ClassesAreWholeNumbers) {
  for (const auto& [number, text] :
       {std::pair(0.5f, "0.5"), std::pair(-1.0f, "-1"), std::pair(2.0f, "2"),
        std::pair(NAN, "nan")}) {
    ExpectNoDataset(
        {.inputs = ByteTensor({2, 1}), .targets = Tensor::Of({2}, {1, number})},
        {"a", "b"},
        absl::StrCat("the target of example 1 is ", text,
                     "; expected less than 2, the number of "
                     "classes"));
  }
}

TEST(MakeDatasetTest, IgnoresANumber) {
  const auto arrays = [](TargetKind kind, const Shape& shape) {
    ExampleArrays result = {.inputs = ByteTensor({2, 1, 3, 3}),
                            .targets = Tensor(shape, ElementType::kUint8),
                            .kind = kind,
                            .ignored = 9};
    result.targets.data<uint8_t>()[1] = kind == TargetKind::kClasses ? 9 : 1;
    return result;
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeDataset(arrays(TargetKind::kClasses, {2, 1, 3}), {"sky", "road"}));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, {0}));
  EXPECT_THAT(batch.classes(), ElementsAre(0, kIgnoredClass, 0));
  EXPECT_THAT(*ClassCounts(dataset), ElementsAre(5, 0));
  for (const auto& wrong :
       {MakeDataset(arrays(TargetKind::kClasses, {2}), {}),
        MakeDataset(arrays(TargetKind::kLabels, {2, 3}), {"a", "b", "c"})}) {
    EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInvalidArgument,
                                "a class is ignored; expected targets with a "
                                "class at each position"));
  }
}

TEST(MakeDatasetTest, TakesLabelsOfFloatNumbers) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeDataset({.inputs = Tensor::Of({2, 2}, {0.5f, 1, -2, 3}),
                   .targets = Tensor::Of<uint8_t>({2, 3}, {1, 1, 0, 0, 0, 0}),
                   .kind = TargetKind::kLabels},
                  {"old", "fast", "red"}));
  EXPECT_EQ(dataset.examples->type(), ElementType::kFloat32);
  EXPECT_EQ(dataset.examples->target(),
            TargetSpec({.kind = TargetKind::kLabels, .shape = {3}}));
  EXPECT_EQ(dataset.examples->bytes(), 2 * 2 * 4 + 2 * 3);
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadInputs(*dataset.examples, {1}));
  EXPECT_EQ(static_cast<const float*>(batch.inputs()[0])[0], -2);
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, {1, 0}));
  EXPECT_THAT(batch.values(), ElementsAre(0, 0, 0, 1, 1, 0));
}

TEST(MakeDatasetTest, TakesValuesWithOrWithoutNames) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>(), std::vector<std::string>{"x", "y"}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        MakeDataset({.inputs = Tensor({2, 2}),
                     .targets = Tensor::Of({2, 2}, {-1, 2e9f, 0, 0.5f}),
                     .kind = TargetKind::kValues},
                    names));
    EXPECT_EQ(dataset.examples->target(),
              TargetSpec({.kind = TargetKind::kValues, .shape = {2}}));
    ExampleBatch batch;
    LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, {0}));
    EXPECT_THAT(batch.values(), ElementsAre(-1, 2e9f));
  }
}

// One number, too, and a picture of numbers.
TEST(MakeDatasetTest, TakesValuesOfAnyShape) {
  for (const Shape& shape : {Shape(), Shape({4, 4, 3})}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        MakeDataset({.inputs = Tensor({2, 2}),
                     .targets = Tensor(*shape.WithOuter(2)),
                     .kind = TargetKind::kValues},
                    {}));
    EXPECT_EQ(dataset.examples->target().shape, shape);
  }
}

TEST(MakeDatasetTest, MayHaveNoExamples) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               MakeDataset({.inputs = ByteTensor({0, 4, 5, 1}),
                                            .targets = ByteTensor({0})},
                                           {}));
  EXPECT_EQ(dataset.size(), 0);
  EXPECT_EQ(dataset.example_shape(), Shape({4, 5, 1}));
}

TEST(MakeDatasetTest, NeedsATargetForEachInput) {
  ExpectNoDataset(
      {.inputs = ByteTensor({120, 8, 8, 1}), .targets = ByteTensor({119})},
      {"a"},
      "the data set's inputs have shape [120, 8, 8, 1] and its "
      "targets [119]; expected a target for each input");
  ExpectNoDataset({.inputs = ByteTensor({3}), .targets = ByteTensor({})}, {"a"},
                  "the data set's inputs have shape [3] and its targets []; "
                  "expected a target for each input");
  ExpectNoDataset({.inputs = ByteTensor({}), .targets = ByteTensor({1})}, {"a"},
                  "the data set's inputs have shape [] and its targets [1]; "
                  "expected a target for each input");
}

TEST(MakeDatasetTest, NeedsTargetsOfTheKindsType) {
  const auto arrays = [](Tensor targets, TargetKind kind) {
    return ExampleArrays{
        .inputs = Tensor({2, 1}), .targets = std::move(targets), .kind = kind};
  };
  ExpectNoDataset(arrays(Tensor({2, 1}), TargetKind::kLabels), {"a"},
                  "the data set's targets are float32; expected uint8 for "
                  "targets of kind \"labels\"");
  ExpectNoDataset(arrays(ByteTensor({2, 1}), TargetKind::kValues), {"a"},
                  "the data set's targets are uint8; expected float32 for "
                  "targets of kind \"values\"");
  ExpectNoDataset(arrays(ByteTensor({2}), TargetKind::kLabels), {},
                  "the data set's targets have shape [2]; expected [size, "
                  "labels]");
  ExpectNoDataset(arrays(ByteTensor({2, 1, 1}), TargetKind::kLabels), {},
                  "the data set's targets have shape [2, 1, 1]; expected "
                  "[size, labels]");
}

TEST(MakeDatasetTest, NeedsANameForEachClass) {
  const auto arrays = [] {
    return ExampleArrays{.inputs = Tensor({3, 1}),
                         .targets = Tensor::Of<uint8_t>({3}, {0, 2, 3})};
  };
  LENSLET_EXPECT_OK(MakeDataset(arrays(), {"a", "b", "c", "d"}));
  ExpectNoDataset(arrays(), {"a", "b", "c"},
                  "the target of example 2 is 3; expected less than 3, the "
                  "number of classes");
  ExpectNoDataset(arrays(), {"a", "b"},
                  "the target of example 1 is 2; expected less than 2, the "
                  "number of classes");
  ExpectNoDataset(arrays(), {}, "the data set has no names of classes");
  ExpectNoDataset({.inputs = Tensor({2, 2}),
                   .targets = Tensor::Of<uint8_t>({2, 2}, {0, 0, 1, 200})},
                  {"a", "b"},
                  "the target of example 1 is 200; expected less than 2, the "
                  "number of classes");
}

TEST(MakeDatasetTest, NeedsLabelsThatApplyOrNot) {
  ExpectNoDataset({.inputs = Tensor({2, 1}),
                   .targets = Tensor::Of<uint8_t>({2, 2}, {0, 1, 2, 0}),
                   .kind = TargetKind::kLabels},
                  {"a", "b"}, "the target of example 1 is 2; expected 0 or 1");
}

TEST(MakeDatasetTest, NeedsFiniteValues) {
  for (const float wrong : {std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    ExpectNoDataset({.inputs = Tensor({2, 1}),
                     .targets = Tensor::Of({2, 2}, {0, 1, 2, wrong}),
                     .kind = TargetKind::kValues},
                    {},
                    "the target of example 1 is " +
                        std::string(std::isnan(wrong) ? "nan" : "inf") +
                        "; expected a finite number");
  }
}

TEST(MakeDatasetTest, NeedsFiniteInputs) {
  ExpectNoDataset(
      {.inputs = Tensor::Of({2, 2},
                            {0, 1, std::numeric_limits<float>::infinity(), 2}),
       .targets = ByteTensor({2})},
      {"a"}, "the input of example 1 is inf; expected a finite number");
}

TEST(MakeDatasetTest, NeedsNamesOfAllLabelsOrValues) {
  ExpectNoDataset({.inputs = Tensor({2, 1}),
                   .targets = ByteTensor({2, 3}),
                   .kind = TargetKind::kLabels},
                  {"a", "b"},
                  "the data set has 2 names of labels; expected 3, one for "
                  "each");
  ExpectNoDataset({.inputs = Tensor({2, 1}),
                   .targets = Tensor({2, 1}),
                   .kind = TargetKind::kValues},
                  {"a", "b"},
                  "the data set has 2 names of values; expected 1, one for "
                  "each");
}

TEST(ArrayExamplesDeathTest, ChecksIndices) {
  const Dataset dataset = *MakeDataset(
      {.inputs = ByteTensor({2, 1}), .targets = ByteTensor({2})}, {"a"});
  ExampleBatch batch;
  for (const int64_t index : {-1, 2}) {
    EXPECT_DEATH((void)batch.ReadInputs(*dataset.examples, {index}),
                 "broken invariant");
    EXPECT_DEATH((void)batch.ReadTargets(*dataset.examples, {index}),
                 "broken invariant");
  }
}

}  // namespace
}  // namespace lenslet
