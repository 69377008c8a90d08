#include "lenslet/predict/trained_inputs.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Dataset Rows(ElementType type, std::vector<std::string> names) {
  Dataset dataset = MakeDataset({.inputs = Tensor({1, 2}, type),
                                 .targets = Tensor({1}, ElementType::kUint8)},
                                {"one"})
                        .value();
  dataset.input_names = std::move(names);
  return dataset;
}

TEST(TrainedInputsTest, ColumnsHaveTheSameNamesInTheSameOrder) {
  const TrainedInputs trained =
      TrainedInputsOf(Rows(ElementType::kFloat32, {"area", "rooms"}));
  const auto check = [&](std::vector<std::string> names) {
    return CheckTrainedInputs(trained,
                              Rows(ElementType::kFloat32, std::move(names)));
  };
  EXPECT_THAT(check({"area", "rooms"}), IsOk());
  // Without a header.
  EXPECT_THAT(check({}), IsOk());
  EXPECT_THAT(
      check({"rooms", "area"}),
      StatusIs(kInvalid, HasSubstr("has \"rooms\" as column 1 of the inputs; "
                                   "expected \"area\"")));
  EXPECT_THAT(check({"area", "floors"}),
              StatusIs(kInvalid, HasSubstr("has \"floors\" as column 2")));
  EXPECT_THAT(check({"area"}),
              StatusIs(kInvalid, HasSubstr("has 1 columns of inputs; "
                                           "expected 2")));
  EXPECT_THAT(CheckTrainedInputs(trained, Rows(ElementType::kUint8, {})),
              StatusIs(kInvalid, HasSubstr("has examples of type uint8; "
                                           "expected float32")));
  EXPECT_THAT(CheckTrainedInputs({}, Rows(ElementType::kUint8, {"x", "y"})),
              IsOk());
}

TEST(TrainedInputsTest, ACheckpointKeepsThem) {
  for (const TrainedInputs& inputs :
       {TrainedInputs(), TrainedInputs{.type = ElementType::kUint8},
        TrainedInputs{.type = ElementType::kFloat32,
        .names = {"area", "not \xff UTF-8"},
        .other_columns = {0, 3}}}) {
    CheckpointProto checkpoint;
    TrainedInputsToCheckpoint(inputs, checkpoint);
    CheckpointProto read;
    ASSERT_TRUE(read.ParseFromString(checkpoint.SerializeAsString()));
    const TrainedInputs again = TrainedInputsFromCheckpoint(read);
    EXPECT_EQ(again.type, inputs.type);
    EXPECT_EQ(again.names, inputs.names);
    EXPECT_EQ(again.other_columns, inputs.other_columns);
  }
}

}  // namespace
}  // namespace lenslet
