#include "lenslet/train/runs/run_data.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

Graph RowNet() {
  return GraphOf(
      "input { name: 'row' shape: [4] }"
      "layer { name: 'out' linear { output_features: 3 } }");
}

Dataset Rows(ElementType inputs, Tensor targets, TargetKind kind) {
  const int64_t size = targets.shape().dim(0);
  return *MakeDataset({.inputs = Tensor({size, 4}, inputs),
                       .targets = std::move(targets),
                       .kind = kind},
                      {"a", "b", "c"});
}

Dataset ClassRows(int64_t size) {
  return Rows(ElementType::kUint8, Tensor({size}, ElementType::kUint8),
              TargetKind::kClasses);
}

TEST(CheckRunDataTest, AcceptsSetsThatAreAlike) {
  const Dataset train = ClassRows(5), validation = ClassRows(2);
  LENSLET_EXPECT_OK(CheckRunData(
      RowNet(), RunData("rows", train, &validation, /*test=*/nullptr)));
}

TEST(CheckRunDataTest, RejectsSetsThatDiffer) {
  const Dataset train = ClassRows(5);
  const auto expect_error = [&](const Dataset& other,
                                const std::string& error) {
    EXPECT_THAT(
        CheckRunData(RowNet(), RunData("rows", train, &other, nullptr)),
        StatusIs(absl::StatusCode::kInvalidArgument, "validation: " + error));
    EXPECT_THAT(CheckRunData(RowNet(), RunData("rows", train, nullptr, &other)),
                StatusIs(absl::StatusCode::kInvalidArgument, "test: " + error));
  };
  expect_error(Rows(ElementType::kFloat32, Tensor({2}, ElementType::kUint8),
                    TargetKind::kClasses),
               "its examples are float32; expected uint8, as the training "
               "examples are");
  expect_error(Rows(ElementType::kUint8, Tensor({2, 3}, ElementType::kUint8),
                    TargetKind::kLabels),
               "its targets are of kind \"labels\"; expected \"classes\", as "
               "those of the training examples are");
  Dataset other = ClassRows(2);
  other.target_names[2] = "d";
  expect_error(other,
               "its class names differ; expected those of the training "
               "examples, in the same order");
  other = ClassRows(2);
  other.normalization = {.mean = {0.5f}, .deviation = {1}};
  expect_error(other,
               "its normalization differs; expected that of the training "
               "examples");
}

TEST(DigestsOfTest, AreThoseOfTheSets) {
  const Dataset train = ClassRows(5), test = ClassRows(2);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const DataDigestProto digests,
      DigestsOf(RunData("rows", train, nullptr, &test)));
  EXPECT_EQ(digests.train(), *DigestOf(train));
  EXPECT_EQ(digests.validation(), *DigestOf(Dataset()));
  EXPECT_EQ(digests.test(), *DigestOf(test));
}

TEST(DigestsOfTest, NeedExamplesThatCanBeRead) {
  const Dataset train = ClassRows(5);
  Dataset torn = train;
  torn.examples = std::make_shared<ReadingExamples>(train, /*bad=*/3);
  EXPECT_THAT(DigestsOf(RunData("rows", train, nullptr, &torn)),
              StatusIs(absl::StatusCode::kDataLoss, "example 3 is torn"));
}

class CheckSameExamplesTest : public ::testing::Test {
 protected:
  CheckSameExamplesTest() {
    for (const char* name : {"a", "b", "c"}) checkpoint_.add_class_name(name);
    checkpoint_.mutable_state()->set_examples(train_.size());
    *checkpoint_.mutable_state()->mutable_data_digest() =
        *DigestsOf(RunData("rows", train_, &none_, nullptr));
  }

  absl::Status Check(const Dataset& train) {
    Dataset none = SelectExamples(train, {});
    const RunData data("rows", train, &none, nullptr);
    return CheckSameExamples(checkpoint_, data, *DigestsOf(data));
  }

  const Dataset train_ = ClassRows(5);
  const Dataset none_ = SelectExamples(train_, {});
  CheckpointProto checkpoint_;
};

TEST_F(CheckSameExamplesTest, NamesTheSourceOfTheTestExamples) {
  const Dataset test = ClassRows(2);
  RunData data("rows", train_, &none_, &test);
  data.test_description = "other rows";
  EXPECT_THAT(CheckSameExamples(checkpoint_, data, *DigestsOf(data)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the test examples of other rows have changed since "
                       "this checkpoint; expected the same contents"));
}

TEST_F(CheckSameExamplesTest, TellsANewNameFromNewExamples) {
  LENSLET_EXPECT_OK(Check(train_));
  Dataset renamed = train_;
  renamed.target_names[1] = "bee";
  EXPECT_THAT(Check(renamed),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the class names of rows have changed since this "
                       "checkpoint, and no examples: class 1 is \"bee\", and "
                       "was \"b\"; expected the same names"));
  Tensor targets({5}, ElementType::kUint8);
  targets.data<uint8_t>()[3] = 2;
  Dataset changed =
      Rows(ElementType::kUint8, std::move(targets), TargetKind::kClasses);
  const std::string message =
      "the training examples of rows have changed since this checkpoint; "
      "expected the same contents";
  EXPECT_THAT(Check(changed),
              StatusIs(absl::StatusCode::kFailedPrecondition, message));
  changed.target_names[1] = "bee";
  EXPECT_THAT(Check(changed),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       message + "; class 1 is \"bee\", and was \"b\""));
  renamed.target_names.push_back("d");
  renamed.target_names[1] = "b";
  EXPECT_THAT(Check(renamed),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::HasSubstr("there are 4 classes, and were 3")));
}

}  // namespace
}  // namespace lenslet
