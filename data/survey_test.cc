#include "lenslet/data/survey.h"

#include <sys/stat.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/testing/survey_fixture.h"

namespace lenslet {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

using SurveyTest = SurveyFixture;

TEST_F(SurveyTest, WarnsOfClassesWhoseNamesDifferOnlyInCase) {
  const std::string warning =
      "\"Cat\" and \"cat\" are two classes, whose names differ only in case or "
      "blanks";
  WriteGray("data/Cat/1.pgm");
  WriteGray("data/cat/1.pgm");
  WriteGray("data/dog/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.warnings, Contains(Path("data") + ": " + warning));
  Write("table", "x,label\n1.5,Cat\n2.5,cat \n3.5,dog\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey table, Survey("table"));
  EXPECT_THAT(table.warnings, Contains(warning));
}

TEST_F(SurveyTest, WarnsOfClassesThatMeanMissingLabels) {
  Write("table", "x,label\n1.5,NA\n2.5,cat\n3.5,dog\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey("table"));
  EXPECT_THAT(survey.warnings,
              Contains("\"NA\" is a class or label as others are; if it means "
                       "that none is known, take its rows out of the file"));
}

TEST_F(SurveyTest, TakesATargetOnlyWhereItIsOne) {
  const auto expect = [&](const std::string& found) {
    EXPECT_THAT(
        Survey("data", "age").status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "--target is \"age\", but " + Path("data") + " has " + found +
                     "; expected no --target, which names a column of a "
                     "CSV file or an array of NumPy's"));
  };
  WriteTwoClasses();
  expect("a folder of images for each class");
  Write("data/train.bin", "");
  expect("files with labels for all examples");
}

TEST_F(SurveyTest, NeedsTwoClasses) {
  WriteGray("data/cat/1.pgm");
  ExpectError(": has examples of 1 class, cat; ", "expected at least two");
}

TEST_F(SurveyTest, NamesWhatIsMissing) {
  EXPECT_THAT(Survey("none").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none"))));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(Survey("pipe").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       Path("pipe") + ": is not a regular file"));
  Write("data/train-images-idx3-ubyte.gz", "no gzip");
  EXPECT_FALSE(Survey().ok());
}

}  // namespace
}  // namespace lenslet
