#include "lenslet/train/quantity.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
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

// Keras' names, and those that lines of progress show.
TEST(MetricByNameTest, KnowsWhatOthersCallThem) {
  const auto meant = [](const char* name) {
    return std::string(MetricByName(name).status().message());
  };
  const auto suggests = [](const char* name) {
    return HasSubstr(absl::StrCat("; did you mean \"", name, "\"?"));
  };
  EXPECT_THAT(meant("val_loss"), suggests("validation_loss"));
  EXPECT_THAT(meant("val_accuracy"), suggests("validation_accuracy"));
  EXPECT_THAT(meant("valid_loss"), suggests("validation_loss"));
  EXPECT_THAT(meant("valid_accuracy"), suggests("validation_accuracy"));
  EXPECT_THAT(meant("valid acc"), suggests("validation_accuracy"));
  EXPECT_THAT(meant("val_acc"), suggests("validation_accuracy"));
  EXPECT_THAT(meant("val_acuracy"), suggests("validation_accuracy"));
  EXPECT_THAT(meant("val_mae"), suggests("validation_mean_absolute_error"));
  EXPECT_THAT(meant("val_auc"), suggests("validation_auc"));
  EXPECT_THAT(meant("test/top-5"), suggests("test_top_5_accuracy"));
  EXPECT_THAT(meant("training_loss"), suggests("train_loss"));
  EXPECT_THAT(meant("acc"), suggests("accuracy"));
  EXPECT_THAT(meant("training_auc"), Not(HasSubstr("train_auc")));
  EXPECT_THAT(meant("perplexity"), Not(HasSubstr("did you mean")));
}

// What lint says without the data must be what train takes.
TEST(SplitOfTest, ExpectsOnlyWhatTheTargetsHave) {
  const auto expected = [](std::optional<int64_t> classes) {
    return std::string(
        SplitOf({.quantity = &kAuc},
                {.target = TargetKind::kClasses, .classes = classes})
            .status()
            .message());
  };
  EXPECT_THAT(expected(2), EndsWith("expected loss or accuracy"));
  EXPECT_THAT(expected(10),
              EndsWith("expected loss or accuracy or top_5_accuracy"));
  EXPECT_THAT(expected(std::nullopt), EndsWith("expected loss or accuracy"));
}

}  // namespace
}  // namespace lenslet
