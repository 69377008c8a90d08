#include "lenslet/base/field_rules.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/field_rules_test.pb.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RuledProto Good() {
  RuledProto message;
  message.set_rate(0.5);
  message.set_name("x");
  message.add_shape(1);
  message.add_shape(2);
  return message;
}

std::vector<std::string> Problems(const RuledProto& message) {
  std::vector<std::string> messages;
  for (const FieldProblem& problem : CheckFieldRules(message, "top.")) {
    messages.push_back(problem.message);
  }
  return messages;
}

TEST(CheckFieldRulesTest, AcceptsTheEndsOfClosedRanges) {
  RuledProto message = Good();
  EXPECT_THAT(Problems(message), IsEmpty());
  message.set_count(1000000);
  message.set_factor(1);
  message.set_angle(180);
  message.set_free(std::numeric_limits<double>::infinity());
  message.mutable_part()->set_size(3);
  EXPECT_THAT(Problems(message), IsEmpty());
}

TEST(CheckFieldRulesTest, FindsEveryFieldThatBreaksItsRule) {
  RuledProto message;
  message.set_share(1);
  message.set_count(-1);
  message.set_factor(0);
  message.add_shape(0);
  message.add_mean(std::numeric_limits<float>::infinity());
  message.set_angle(181);
  message.set_color(static_cast<RuledProto::Color>(7));
  message.mutable_part()->set_limit(3);
  message.add_parts()->set_size(2);
  EXPECT_THAT(
      Problems(message),
      ElementsAre("top.share is 1; expected a number in [0, 1)",
                  "top.count is -1; expected a number in [1, 1000000]",
                  "top.factor is 0; expected a number in (0, 1]",
                  "top.rate is required: a positive number",
                  "top.name is required", "top.shape has 1 number; expected 2",
                  "top.shape[0] is 0; expected a number of at least 1",
                  "top.mean[0] is inf; expected a finite number",
                  "top.angle is 181; expected a number of at most 180, in "
                  "degrees",
                  "top.color is 7; expected RED or BLUE",
                  // Without presence and without a default, 0 is its value.
                  "top.part.size is 0; expected a number above 2",
                  "top.part.limit is 3; expected a number of less than 3",
                  "top.parts[0].size is 2; expected a number above 2"));
}

TEST(CheckFieldRulesTest, StopsAfterManyProblems) {
  RuledProto message = Good();
  for (int i = 0; i < 2 * kMaxProblems; ++i) message.add_parts();
  EXPECT_EQ(CheckFieldRules(message).size(), kMaxProblems);
}

TEST(CheckFieldRulesTest, PathsLeadToTheFields) {
  RuledProto message = Good();
  message.add_parts()->set_size(3);
  message.add_parts()->set_size(2);
  const std::vector<FieldProblem> problems = CheckFieldRules(message);
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(FieldName(*RuledProto::descriptor(), problems[0].path),
            "parts[1].size");
  EXPECT_EQ(problems[0].message,
            "parts[1].size is 2; expected a number above 2");
}

TEST(CheckFieldRulesTest, NoRangeHoldsNan) {
  RuledProto message = Good();
  message.set_share(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(Problems(message),
              ElementsAre("top.share is nan; expected a number in [0, 1)"));
}

TEST(NumberOrDefaultTest, AbsentNumbersAreTheirDefault) {
  RuledProto message;
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kCountFieldNumber), 16);
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kFactorFieldNumber), 0.5);
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kShareFieldNumber), 0);
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kFreeFieldNumber), 0);
  message.set_count(3);
  message.set_factor(0);
  message.set_free(2);
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kCountFieldNumber), 3);
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kFactorFieldNumber), 0);
  EXPECT_EQ(NumberOrDefault(message, RuledProto::kFreeFieldNumber), 2);
}

TEST(IntegerOrDefaultTest, KeepsAllDigits) {
  RuledProto message;
  EXPECT_EQ(IntegerOrDefault(message, RuledProto::kCountFieldNumber), 16);
  for (const int64_t count :
       {(int64_t{1} << 53) + 1, std::numeric_limits<int64_t>::max()}) {
    message.set_count(count);
    EXPECT_EQ(IntegerOrDefault(message, RuledProto::kCountFieldNumber), count);
  }
}

TEST(FieldTableTest, HasARowForEachRule) {
  EXPECT_EQ(FieldTable(*RuledProto::descriptor()),
            "| field | expected | default |\n"
            "| --- | --- | --- |\n"
            "| `share` | a number in [0, 1) |  |\n"
            "| `count` | a number in [1, 1000000] | 16 |\n"
            "| `factor` | a number in (0, 1] | 0.5 |\n"
            "| `rate` | a positive number | required |\n"
            "| `name` |  | required |\n"
            "| `shape` | 2 numbers: each a number of at least 1 | required |\n"
            "| `mean` | a list: each a finite number |  |\n"
            "| `angle` | a number of at most 180, in degrees |  |\n"
            "| `part.size` | a number above 2 |  |\n"
            // `parts` has messages of the same type.
            "| `part.limit` | a number of less than 3 |  |\n");
}

}  // namespace
}  // namespace lenslet
