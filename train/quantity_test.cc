#include "lenslet/train/quantity.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricByNameTest, FindsQuantitiesWithAndWithoutASplit) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const NamedMetric none, MetricByName(""));
  EXPECT_EQ(none.quantity, &kLoss);
  EXPECT_FALSE(none.split.has_value());
  LENSLET_ASSERT_OK_AND_ASSIGN(const NamedMetric f1, MetricByName("f1"));
  EXPECT_EQ(f1.quantity, &kF1);
  EXPECT_FALSE(f1.split.has_value());
  LENSLET_ASSERT_OK_AND_ASSIGN(const NamedMetric mae,
                               MetricByName("test_mean_absolute_error"));
  EXPECT_EQ(mae.quantity, &kMeanAbsoluteError);
  EXPECT_EQ(mae.split, MetricSplit::kTest);
}

TEST(MetricByNameTest, ErrorsNameWhatThereIs) {
  EXPECT_THAT(MetricByName("acuracy").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("is \"acuracy\"; expected one of loss, "
                                       "accuracy, top_5_accuracy, f1, "
                                       "precision, recall, exact_match, auc, "
                                       "mean_absolute_error, "
                                       "mean_squared_error, r2, or"),
                             HasSubstr("did you mean \"accuracy\"?"))));
  EXPECT_THAT(MetricByName("validation_acuracy").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"validation_accuracy\"?")));
  EXPECT_THAT(MetricByName("train_").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is \"train_\"; expected")));
  EXPECT_THAT(MetricByName("train_auc").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is \"train_auc\", which is not measured of "
                                 "training examples; expected "
                                 "\"validation_auc\"")));
  EXPECT_THAT(MetricByName("train_aux").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Not(HasSubstr("train_auc"))));
}

}  // namespace
}  // namespace lenslet
