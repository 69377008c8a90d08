#include "lenslet/examples/output_comparison.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::_;
using ::testing::HasSubstr;

TEST(CompareOutputTest, AllowsForNumbers) {
  const OutputTolerance tolerance = {.numbers = 0.5};
  EXPECT_THAT(CompareOutput("loss 1.25, 40% of -3\n",
                            "loss 1.5, 40.5% of -3.5\n", tolerance),
              IsOk());
  EXPECT_THAT(CompareOutput("loss 1.25,  40\nend\n", "loss 1.25, 40.625\nend\n",
                            tolerance),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("line 1 is")));
  EXPECT_THAT(CompareOutput("a 1\n", "a 1\n", {}), IsOk());
  EXPECT_THAT(CompareOutput("a 1\n", "a 1.125\n", {}),
              StatusIs(absl::StatusCode::kOutOfRange, _));
}

TEST(CompareOutputTest, AllowsForNoOtherWordsOrLines) {
  const OutputTolerance tolerance = {.numbers = 1000, .letters = 1};
  EXPECT_THAT(CompareOutput("one 1\n", "two 1\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(CompareOutput("1 2\n", "1 2 3\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(CompareOutput("1\n", "nan\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(CompareOutput("1\n2\n", "1\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange,
                       HasSubstr("1 lines; expected 2")));
}

TEST(CompareOutputTest, AllowsForLettersOfPictures) {
  const OutputTolerance tolerance = {.letters = 0.25};
  EXPECT_THAT(CompareOutput("|.:.:|\n|=  =|\n", "|.:::|\n|=- +|\n", tolerance),
              IsOk());
  EXPECT_THAT(CompareOutput("|.:.:|\n|=  =|\n", "|----|\n|=  =|\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange,
                       HasSubstr("4 of the pictures' 12 letters differ")));
  EXPECT_THAT(CompareOutput("|...|\n", "|....|\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(CompareOutput("|...|\n", "....|\n", tolerance),
              StatusIs(absl::StatusCode::kOutOfRange, _));
}

}  // namespace
}  // namespace lenslet
