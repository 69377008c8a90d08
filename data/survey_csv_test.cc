#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/survey.h"
#include "lenslet/data/testing/survey_fixture.h"

namespace lenslet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

using SurveyCsvTest = SurveyFixture;

// `rows` rows of the label i % 3 and of pixels.
std::string PixelRows(int rows, int pixels) {
  std::string text;
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&text, i % 3);
    for (int p = 0; p < pixels; ++p) absl::StrAppend(&text, ",", (i + p) % 10);
    text += "\n";
  }
  return text;
}

TEST_F(SurveyCsvTest, ReadsCsvFiles) {
  const std::string header = "label,pixel0,pixel1,pixel2,pixel3\n";
  Write("digits.csv", header + "1,0,9,9,0\n0,9,0,0,9\n1,9,0,0,7\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey("digits.csv"));
  EXPECT_EQ(survey.kind, "CSV file of pixels");
  EXPECT_EQ(survey.data.csv().train_file(), Path("digits.csv"));
  EXPECT_TRUE(survey.data.csv().has_header());
  EXPECT_EQ(survey.data.csv().label_column(), 0);
  EXPECT_THAT(survey.data.csv().shape(), ElementsAre(2, 2, 1));
  EXPECT_EQ(survey.shape, Shape({2, 2, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(1, 2));
  EXPECT_THAT(survey.notes,
              ElementsAre("labels in column 1 of 5, after a header; pixels "
                          "from 0 to 9; --target=COLUMN, a name or a number "
                          "from 0, takes another"));

  Write("lines.csv", "label,pixel0,pixel1,pixel2\na,0,9,9\nb,9,0,0\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("lines.csv"));
  EXPECT_EQ(survey.shape, Shape({3}));
  EXPECT_THAT(survey.warnings, Contains(StartsWith("3 pixels in a row")));

  Write("gap.csv", header + "3,1,2,3,4\n1,4,5,6,9\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("gap.csv"));
  EXPECT_THAT(survey.train_counts, ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(survey.warnings,
              Contains("2 classes have no training examples: 0, 2"));

  Write("squares.csv", PixelRows(9, 64));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("squares.csv"));
  EXPECT_EQ(survey.shape, Shape({8, 8, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(3, 3, 3));
  // Another column on request, if only --target says so.
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, SurveyData(Path("digits.csv"), "label"));
  EXPECT_EQ(survey.shape, Shape({2, 2, 1}));
}

// A table of whole numbers from 0 to 255 was taken for pixels, and its first
// column for their labels.
TEST_F(SurveyCsvTest, WholeNumbersMayBeATable) {
  std::string text, named = "age,weight,height,pulse,price\n", real;
  for (int i = 0; i < 60; ++i) {
    const std::string inputs = absl::StrCat(20 + 7 * i % 60, ",", i * i % 90,
                                            ",", 50 + i % 17, ",", 3 * i % 200);
    absl::StrAppend(&text, inputs, ",", 5 * i % 3, "\n");
    absl::StrAppend(&named, inputs, ",", 11 * i % 250, "\n");
    absl::StrAppend(&real, inputs, ",", i, ".5\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "CSV file of a table");
  EXPECT_EQ(survey.data.target().label().column(), "4");
  EXPECT_EQ(survey.shape, Shape({4}));
  EXPECT_THAT(
      survey.notes,
      ElementsAre("the target is column 5 of 5 columns, of the 3 classes 0, 1, "
                  "2; --target=COLUMN, a name or a number from 0, "
                  "takes another"));
  Write("data", named);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("price"));
  EXPECT_THAT(
      survey.notes,
      ElementsAre(
          "the target is column 5 (\"price\") of 5 columns, of numbers; for "
          "classes, write target { label { column: ... } } and loss { "
          "cross_entropy {} } in the recipe, and as many output_features as "
          "there are classes in the last layer of the model; "
          "--target=COLUMN, a name or a number from 0, takes another"));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, SurveyData(Path("data"), "age"));
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("age"));
  Write("data", real);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("4"));
}

TEST_F(SurveyCsvTest, PixelsMayBeFloats) {
  std::string text = "label";
  for (int p = 0; p < 9; ++p) absl::StrAppend(&text, ",pixel", p);
  for (int i = 0; i < 6; ++i) {
    absl::StrAppend(&text, "\n", i % 2);
    for (int p = 0; p < 9; ++p) absl::StrAppend(&text, ",0.", i + p);
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.shape, Shape({3, 3, 1}));
  EXPECT_THAT(survey.data.csv().shape(), ElementsAre(3, 3, 1));
  EXPECT_EQ(survey.data.csv().numbers(), CsvProto::FLOAT);
  EXPECT_EQ(survey.type, ElementType::kFloat32);
}

TEST_F(SurveyCsvTest, WarnsOfColumnsThatItLeavesOut) {
  std::string text = "a,b,c,d,e,f,g,price\n";
  for (int i = 0; i < 9; ++i) {
    absl::StrAppend(&text, i * i, ".5");
    for (int c = 0; c < 6; ++c) {
      absl::StrAppend(&text, ",", i == c ? "nan" : "1.5");
    }
    absl::StrAppend(&text, ",", i * i, "\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.shape, Shape({1}));
  ASSERT_THAT(survey.warnings, SizeIs(6));
  EXPECT_THAT(survey.warnings[0],
              StartsWith(Path("data") + ":2: column 2 (\"b\") is \"nan\""));
  EXPECT_EQ(survey.warnings[5],
            "1 other column is left out for the same "
            "reason");
}

TEST_F(SurveyCsvTest, SaysWhatIsWrongWithACsvFile) {
  const auto expect = [&](const std::string& text, const std::string& error) {
    Write("data", text);
    EXPECT_THAT(Survey().status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(error)))
        << text;
  };
  const std::string header = "label,pixel0,pixel1\n1,2,3\n";
  expect(header + "0,2\n", ":3: has 2 columns, too few; expected 3");
  expect(header + "0,,3\n", ":3: column 2 is \"\"; expected a whole number");
  expect(header + "0,0.5,3\n",
         ":3: column 2 is \"0.5\"; expected a whole number from 0 to 255");
  expect(header + "0,300,3\n", ":3: column 2 is \"300\"; expected a whole");
  expect(header + "0,\"1\"2\",3\n", "quotation marks only at both ends");
  expect("label,pixel0,pixel1\ncat,2,3\ncat,3,4\n",
         ": has examples of 1 class, cat, with labels in column 1; ");
  expect("label,pixel0,pixel1\n0,7,7\n1,7,7\n",
         ": all pixels are 7; expected pixels that differ");
  expect("P5 1 1 255\nx", ": is an image; expected a folder with one folder");
  expect("a,b\n1.5,x\n2.5\n", ":3: has 1 column, too few; expected 2");
  expect("a,b\n1,2\n3,\n4,7\n",
         ":3: column 2 (\"b\") is \"\"; expected a number; fill the cell");
  expect("a,label\n1.5,x\n2.5,x\n",
         ": has examples of 1 class, x, in column 2 (\"label\"), the target; "
         "expected at least two classes to tell apart; --target=COLUMN, a name "
         "or a number from 0, takes another");
}

TEST_F(SurveyCsvTest, LeavesOutAColumnThatNumbersTheRows) {
  std::string text = "id,pixel0,pixel1,pixel2,pixel3,label\n";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&text, i, ",", 5 * i, ",", i % 7, ",", i * i % 100, ",", 9,
                    ",", i % 2, "\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.data.csv().ignore(), ElementsAre("0"));
  EXPECT_EQ(survey.data.csv().label_column(), 5);
  EXPECT_EQ(survey.shape, Shape({2, 2, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20));
  EXPECT_THAT(survey.notes,
              Contains("column 1 numbers the rows and is left out"));
}

TEST_F(SurveyCsvTest, NumbersMayNamePixels) {
  std::string header = "id,0", rows;
  for (int i = 1; i < 64; ++i) absl::StrAppend(&header, ",", i);
  header += ",label\n";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&rows, i);
    for (int p = 0; p < 64; ++p) absl::StrAppend(&rows, ",", i * p * p % 251);
    absl::StrAppend(&rows, ",", i % 2, "\n");
  }
  Write("data", header + rows);
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  // "0" is a pixel.
  EXPECT_THAT(survey.data.csv().ignore(), ElementsAre("-66"));
  EXPECT_EQ(survey.shape, Shape({8, 8, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20));
  // As pandas writes columns without names.
  header = "0";
  for (int i = 1; i < 65; ++i) absl::StrAppend(&header, ",", i);
  Write("data", header + "\n" + PixelRows(60, 64));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.kind, "CSV file of pixels");
  EXPECT_TRUE(survey.data.csv().has_header());
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20, 20));
}

TEST_F(SurveyCsvTest, ReadsTables) {
  std::string text = "id;town;rooms;area;price\n";
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&text, i, ";town ", i, ";", i % 4, ";", i, ",5;",
                    7 * i % 50, "\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "CSV file of a table");
  EXPECT_EQ(survey.target, TargetKind::kValues);
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("price"));
  EXPECT_THAT(survey.data.csv().ignore(), ElementsAre("id", "town"));
  EXPECT_TRUE(survey.data.csv().decimal_comma());
  EXPECT_EQ(survey.shape, Shape({2}));
  EXPECT_EQ(survey.train_examples(), 30);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, SurveyData(Path("data"), "rooms"));
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("rooms"));
  EXPECT_FALSE(SurveyData(Path("data"), "room").ok());
}

TEST_F(SurveyCsvTest, ReadsTablesOfClasses) {
  Write("data", "x,kind\n0.5,a\n1.5,b\n2.5,a\n3.5,b\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.data.target().label().column(), "kind");
  EXPECT_THAT(survey.class_names, ElementsAre("a", "b"));
  EXPECT_THAT(survey.train_counts, ElementsAre(2, 2));
  Write("data", "x,tags\n0.5,a;b\n1.5,b\n2.5,\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.target, TargetKind::kLabels);
  EXPECT_EQ(survey.data.target().classes().column(), "tags");
  EXPECT_THAT(survey.class_names, ElementsAre("a", "b"));
}

TEST_F(SurveyCsvTest, ReadsImagesWithATable) {
  WriteGray("photos/1.pgm", 6, 4);
  WriteGray("photos/2.pgm", 6, 4);
  Write("data", "file,age\n1.pgm,34.5\n2.pgm,20\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "images with a CSV file");
  EXPECT_EQ(survey.data.image_table().image_column(), "file");
  EXPECT_EQ(survey.data.image_table().directory(), Path("photos"));
  EXPECT_EQ(survey.shape, Shape({6, 4, 1}));
  EXPECT_EQ(survey.files, 2);
  EXPECT_EQ(survey.data.image_table().on_unreadable(), STOP);
}

// What the warning says is in the recipe.
TEST_F(SurveyCsvTest, SkipsImagesOfATableThatCannotBeRead) {
  WriteGray("photos/1.pgm", 6, 4);
  Write("photos/2.pgm", "text");
  for (const std::string column : {"age", "label"}) {
    Write("data", "file," + column + "\n1.pgm,3\n2.pgm,5\n1.pgm,5\n");
    LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
    EXPECT_EQ(survey.data.image_table().on_unreadable(), SKIP);
    EXPECT_THAT(survey.warnings,
                Contains(StartsWith("1 of the 3 files that were looked at "
                                    "cannot be read; the recipe has "
                                    "on_unreadable: SKIP")));
  }
}

}  // namespace
}  // namespace lenslet
