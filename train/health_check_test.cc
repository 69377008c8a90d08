#include "lenslet/train/health_check.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/warnings.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kModel[] = R"(
  input { name: "x" shape: [2] }
  layer { name: "hidden" linear { output_features: 3 } }
  layer { name: "relu" relu {} }
  layer { name: "classes" linear { output_features: 2 } })";

// Of two numbers: (1, 0) of class 0 and (0, 1) of class 1, the second class
// after the first.
Dataset TwoClasses(int64_t size, int64_t of_first) {
  ExampleArrays arrays = {.inputs = Tensor({size, 2}, ElementType::kFloat32),
                          .targets = Tensor({size}, ElementType::kUint8)};
  for (int64_t i = 0; i < size; ++i) {
    const bool second = i >= of_first;
    arrays.inputs.data<float>()[2 * i] = second ? 0 : 1;
    arrays.inputs.data<float>()[2 * i + 1] = second ? 1 : 0;
    arrays.targets.data<uint8_t>()[i] = second ? 1 : 0;
  }
  return *MakeDataset(std::move(arrays), {"left", "right"}, {});
}

Parameters Filled(const Graph& graph, float hidden, float bias) {
  Parameters parameters = *Parameters::Create(graph);
  std::fill(parameters.array().begin(), parameters.array().end(), 0.0f);
  // Hidden unit 0 is the first input, unit 1 the second, times `hidden`.
  parameters.view(0).data()[0] = hidden;
  parameters.view(0).data()[3] = hidden;
  parameters.view(2).data()[0] = 1;
  parameters.view(2).data()[4] = 1;
  parameters.view(3).data()[1] = bias;
  return parameters;
}

Health Look(const Dataset& dataset, float hidden, float bias) {
  const Graph graph = GraphOf(kModel);
  const Parameters parameters = Filled(graph, hidden, bias);
  absl::StatusOr<HealthCheck> check = HealthCheck::Create(dataset);
  LENSLET_EXPECT_OK(check.status());
  absl::StatusOr<Health> health = check->Check(graph, parameters, dataset);
  LENSLET_EXPECT_OK(health.status());
  return *std::move(health);
}

TEST(HealthCheckTest, AHealthyNetworkGivesNoWarning) {
  const Health health = Look(TwoClasses(100, 50), 1, 0);
  EXPECT_EQ(health.examples, 64);
  EXPECT_EQ(health.classes, 2);
  EXPECT_FALSE(health.only_answer.has_value());
  EXPECT_THAT(health.dead_layers, IsEmpty());
  EXPECT_FALSE(WarnOfOneAnswer(health, health, {"left", "right"}, 2, true, 0.1)
                   .has_value());
  EXPECT_FALSE(WarnOfDeadUnits(health, 1, 0.1).has_value());
}

// One epoch is enough to say so. It is a mistake if it stays so, or if nothing
// follows.
TEST(HealthCheckTest, SaysThatAllClassesHaveOneAnswer) {
  // The bias of the second class is larger than any difference.
  const Health health = Look(TwoClasses(100, 50), 1, 5);
  EXPECT_EQ(health.only_answer, 1);
  const auto warn = [&](const Health& before, bool is_last) {
    return WarnOfOneAnswer(before, health, {"left", "right"}, 3, is_last, 0.5);
  };
  const std::string fact =
      "the answer to each of 64 training examples of 2 classes is the same, "
      "\"right\": the network does not tell classes apart";
  const std::string remedy =
      "another learning rate than 0.5, data.normalization or another "
      "initializer may help";
  ASSERT_TRUE(warn({}, false).has_value());
  EXPECT_TRUE(warn({}, false)->is_note);
  EXPECT_EQ(warn({}, false)->text,
            absl::StrCat("after epoch 3, ", fact,
                         " yet; if the next epoch ends so, too, ", remedy));
  ASSERT_TRUE(warn({}, true).has_value());
  EXPECT_FALSE(warn({}, true)->is_note);
  EXPECT_EQ(warn({}, true)->text,
            absl::StrCat("after epoch 3, the last one, ", fact,
                         "; more epochs, ", remedy));
  for (const bool is_last : {false, true}) {
    ASSERT_TRUE(warn(health, is_last).has_value());
    EXPECT_FALSE(warn(health, is_last)->is_note);
    EXPECT_EQ(warn(health, is_last)->text,
              absl::StrCat("after epochs 2 and 3, ", fact, "; ", remedy));
  }
}

// Of a rare class there are examples too; data of a single class has one
// answer.
TEST(HealthCheckTest, LooksAtEachClass) {
  EXPECT_FALSE(Look(TwoClasses(600, 594), 1, 0).only_answer.has_value());
  EXPECT_EQ(Look(TwoClasses(600, 594), 1, 5).classes, 2);
  EXPECT_FALSE(Look(TwoClasses(10, 10), 1, 0).only_answer.has_value());
  EXPECT_EQ(Look(TwoClasses(10, 5), 1, 0).examples, 10);
}

TEST(HealthCheckTest, WarnsOfDeadRectifiers) {
  const Health health = Look(TwoClasses(100, 50), -1, 0);
  EXPECT_THAT(health.dead_layers, ElementsAre("relu"));
  const auto warning = WarnOfDeadUnits(health, 2, 0.5);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(warning->text,
              AllOf(HasSubstr("after epoch 2, all units of layer \"relu\" are "
                              "0 for each of 64 training examples"),
                    HasSubstr("a learning rate below 0.5")));
}

}  // namespace
}  // namespace lenslet
