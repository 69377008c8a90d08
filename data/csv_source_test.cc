#include "lenslet/data/csv_source.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/load_data.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

class CsvSourceTest : public ::testing::Test {
 protected:
  absl::StatusOr<LoadedData> LoadRecipe(const std::string& text) {
    DataProto data;
    TextLocations locations;
    LENSLET_RETURN_IF_ERROR(ParseProtoText(text, "test", data, locations));
    return LoadData(data, AllDataSources(), {.folder = folder_});
  }

  const std::string folder_ = EmptyTempFolder("csv_source_test");
  const std::string path_ = folder_ + "/train.csv";
};

TEST_F(CsvSourceTest, LoadsATableOfFloats) {
  LENSLET_ASSERT_OK(WriteFileAtomically(path_,
                                        "id,rooms,area,rent,price\n"
                                        "a,3,71.5,1.25,310\n"
                                        "b,2,-4.8e1,0.5,215.5\n"));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder_ + "/test.csv", "id,rooms,area,rent,price\nc,4,90,2,400\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData data, LoadRecipe(R"(
    csv { train_file: "train.csv" test_file: "test.csv" has_header: true
          numbers: FLOAT ignore: "id" }
    target { value { columns: ["price"] } }
    normalization {})"));
  EXPECT_EQ(data.train.example_shape(), Shape({3}));
  EXPECT_EQ(data.train.examples->target(),
            (TargetSpec{.kind = TargetKind::kValues, .shape = {1}}));
  EXPECT_THAT(data.train.target_names, ElementsAre("price"));
  EXPECT_THAT(data.train.normalization.mean, ElementsAre(2.5f, 11.75f, 0.875f));
  EXPECT_THAT(data.train.normalization.deviation,
              ElementsAre(0.5f, 59.75f, 0.375f));
  EXPECT_EQ(data.test.normalization, data.train.normalization);
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*data.test.examples, {0}));
  EXPECT_THAT(batch.values(), ElementsAre(400));
}

TEST_F(CsvSourceTest, WarnsOfAnIndex) {
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, ",x,y\n0,5,1\n1,4,2\n"));
  const std::string csv =
      "csv { train_file: \"train.csv\" has_header: true numbers: FLOAT ";
  const std::string target = "} target { value { columns: \"y\" } }";
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData data, LoadRecipe(csv + target));
  EXPECT_THAT(
      data.warnings,
      ElementsAre(path_ + ": column 1 (\"\") numbers the rows, as an index "
                          "that pandas writes, and is an input; to leave it "
                          "out, ignore: \"0\""));
  EXPECT_EQ(data.train.example_shape(), Shape({2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(data,
                               LoadRecipe(csv + "ignore: \"0\" " + target));
  EXPECT_TRUE(data.warnings.empty());
  EXPECT_EQ(data.train.example_shape(), Shape({1}));
}

TEST_F(CsvSourceTest, WarnsOfAHeaderOfNumbers) {
  const std::string recipe =
      "csv { train_file: 'train.csv' has_header: true numbers: FLOAT } "
      "target { value { columns: '-1' } }";
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, "37,2.5,-1\n1,2,3\n4,5,6\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData data, LoadRecipe(recipe));
  EXPECT_THAT(data.warnings,
              ElementsAre(path_ + ":1: is skipped as a header, but looks like "
                                  "an example: 37,2.5,-1; if it is one, "
                                  "remove data.csv.has_header"));
  // As pandas names columns.
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, "0,1,2\n1,2,3\n4,5,6\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(data, LoadRecipe(recipe));
  EXPECT_TRUE(data.warnings.empty());
}

TEST_F(CsvSourceTest, WarnsOfAHeaderWhoseInputsAreNumbers) {
  const auto warnings_of = [&](const std::string& first) {
    LENSLET_EXPECT_OK(
        WriteFileAtomically(path_, first + "\n-1.5,2,no\n4,5,yes\n1,3,no\n"));
    const absl::StatusOr<LoadedData> data = LoadRecipe(
        "csv { train_file: 'train.csv' has_header: true numbers: FLOAT } "
        "target { label { column: '-1' } }");
    LENSLET_EXPECT_OK(data.status());
    return data.ok() ? data->warnings : std::vector<std::string>();
  };
  EXPECT_THAT(
      warnings_of("-1.718,0.166,no"),
      ElementsAre(path_ + ":1: is skipped as a header, but looks like an "
                          "example: -1.718,0.166,no; if it is one, remove "
                          "data.csv.has_header"));
  EXPECT_THAT(warnings_of("x,2019,y"), ElementsAre());
  EXPECT_THAT(warnings_of("0,1,y"), ElementsAre());
}

TEST_F(CsvSourceTest, WarnsOfCommasThatSeparateThousands) {
  const auto warnings_of = [&](const std::string& text) {
    LENSLET_EXPECT_OK(WriteFileAtomically(path_, text));
    const absl::StatusOr<LoadedData> data = LoadRecipe(
        "csv { train_file: 'train.csv' has_header: true numbers: FLOAT "
        "decimal_comma: true } target { value { columns: 'y' } }");
    LENSLET_EXPECT_OK(data.status());
    return data.ok() ? data->warnings : std::vector<std::string>();
  };
  EXPECT_THAT(
      warnings_of("x,y\n7,\"1,100\"\n8,\"12,250\"\n"),
      ElementsAre(path_ + ":2: \"1,100\" is read with a decimal point, as "
                          "decimal_comma is set; if its comma separates "
                          "thousands, as in all such cells, take these commas "
                          "out of the file"));
  EXPECT_THAT(warnings_of("x,y\n7,\"1,100\"\n8,\"12,5\"\n"), ElementsAre());
  EXPECT_THAT(warnings_of("x;y\n7;1,100\n8;2,250\n"), ElementsAre());
}

TEST_F(CsvSourceTest, WarnsOfLabelsFromOneAndMissingOnes) {
  const auto warnings_of = [&](const std::string& text) {
    LENSLET_EXPECT_OK(WriteFileAtomically(path_, text));
    const absl::StatusOr<LoadedData> data = LoadRecipe(
        "csv { train_file: 'train.csv' numbers: FLOAT } "
        "target { label { column: '-1' } }");
    LENSLET_EXPECT_OK(data.status());
    return data.ok() ? data->warnings : std::vector<std::string>();
  };
  EXPECT_THAT(warnings_of("5,1\n6,2\n"),
              ElementsAre("train.csv: no training example has label 0, which "
                          "is a class, too; if labels count from 1, subtract "
                          "1, or write words, such as \"class 1\""));
  EXPECT_THAT(warnings_of("5,0\n6,2\n"), ElementsAre());
  EXPECT_THAT(warnings_of("5,-1\n6,1\n"), ElementsAre());
  EXPECT_THAT(
      warnings_of("5,a\n6,NA\n"),
      ElementsAre("train.csv: \"NA\" is a class or label as others are; if it "
                  "means that none is known, take its rows out of the file"));
  EXPECT_THAT(warnings_of("5,none\n6,a\n"), ElementsAre());
}

// What the error of a file of pixels says (csv_test.cc).
TEST_F(CsvSourceTest, LeavesOutTheIndexOfPixels) {
  LENSLET_ASSERT_OK(
      WriteFileAtomically(path_, ",label,p,q\n0,1,8,9\n1,0,6,7\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData data,
      LoadRecipe("csv { train_file: \"train.csv\" has_header: true shape: [2] "
                 "ignore: \"0\" label_column: 1 }"));
  EXPECT_THAT(data.train.Inputs()->span<uint8_t>(), ElementsAre(8, 9, 6, 7));
  EXPECT_THAT(*data.train.Classes(), ElementsAre(1, 0));
}

TEST_F(CsvSourceTest, KeepsTheNamesOfTheTrainingFile) {
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, "x,t\n1,a\n2,b;c\n"));
  const std::string test = folder_ + "/test.csv";
  LENSLET_ASSERT_OK(WriteFileAtomically(test, "x,t\n1,c\n"));
  const std::string recipe = R"(
    csv { train_file: "train.csv" test_file: "test.csv" has_header: true
          shape: 1 }
    target { classes { column: "t" } })";
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData data, LoadRecipe(recipe));
  EXPECT_EQ(data.train.examples->type(), ElementType::kUint8);
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*data.test.examples, {0}));
  EXPECT_THAT(batch.values(), ElementsAre(0, 0, 1));
  LENSLET_ASSERT_OK(WriteFileAtomically(test, "y,t\n1,c\n"));
  EXPECT_THAT(LoadRecipe(recipe),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       absl::StrCat(test,
                                    ":1: column 1 is \"y\"; expected "
                                    "\"x\", as in ",
                                    path_)));
}

TEST_F(CsvSourceTest, LabelMeansTheSameAsLabelColumn) {
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, "x,c,y\n1,elk,2\n3,ant,4\n"));
  const std::string csv =
      "csv { train_file: \"train.csv\" has_header: true shape: [2] ";
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData column,
                               LoadRecipe(csv + "label_column: 1 }"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData label,
      LoadRecipe(csv + "} target { label { column: \"c\" } }"));
  for (const LoadedData* data : {&column, &label}) {
    EXPECT_THAT(data->train.target_names, ElementsAre("ant", "elk"));
    EXPECT_THAT(*data->train.Classes(), ElementsAre(1, 0));
    EXPECT_THAT(data->train.Inputs()->span<uint8_t>(), ElementsAre(1, 2, 3, 4));
  }
}

TEST_F(CsvSourceTest, AnAutoencoderNeedsNoTargetColumn) {
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, "1.5,2\n-3,4\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData data,
      LoadRecipe("csv { train_file: \"train.csv\" numbers: FLOAT } "
                 "target { input {} }"));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*data.train.examples, {1, 0}));
  EXPECT_THAT(batch.values(), ElementsAre(-3, 4, 1.5f, 2));
  LENSLET_EXPECT_OK(DigestOf(data.train));
}

TEST_F(CsvSourceTest, RefusesTargetsThatTheDataHasNot) {
  const std::string csv = "csv { train_file: \"train.csv\" ";
  const auto expect = [&](const std::string& text, const std::string& error) {
    EXPECT_THAT(LoadRecipe(text),
                StatusIs(absl::StatusCode::kInvalidArgument, error));
  };
  expect(csv + "} target { value {} }",
         "data.target.value.columns is required");
  expect(csv + "} target { classes {} }",
         "data.target.classes.column is required");
  expect(csv + "} target { label {} }", "data.target.label.column is required");
  expect(csv + "label_column: 2 } target { label { column: \"1\" } }",
         "data.csv.label_column is 2, and there is a data.target; expected one "
         "of both");
  expect("synthetic { shape: 4 } target { value { columns: \"x\" } }",
         "data.target.value: data.synthetic has classes, and no columns; "
         "expected data.csv or data.npy, or no data.target");
}

TEST_F(CsvSourceTest, TakesASeparatorAndAColumnFromTheEnd) {
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/a.csv", "1|2|7\n3|4|8\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData pixels,
      LoadRecipe("csv { train_file: 'a.csv' shape: [2] separator: '|' "
                 "label_column: -1 }"));
  EXPECT_THAT(*pixels.train.Classes(), ElementsAre(7, 8));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData table,
      LoadRecipe("csv { train_file: 'a.csv' numbers: FLOAT separator: '|' "
                 "label_column: -1 }"));
  EXPECT_THAT(*table.train.Classes(), ElementsAre(7, 8));
  for (const std::string separator : {";;", "a", "\\\"", "\\n"}) {
    EXPECT_THAT(
        LoadRecipe(absl::StrCat("csv { train_file: 'a.csv' separator: \"",
                                separator, "\" }")),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 absl::StrCat("data.csv.separator is \"", separator,
                              "\"; expected one character, such as \";\" or "
                              "\"\\t\"")));
  }
  EXPECT_THAT(
      LoadRecipe("csv { train_file: 'a.csv' shape: [2] label_column: -4 }"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "data.csv.label_column is -4; expected a number in [-3, 2], for "
               "images of shape [2]"));
}

}  // namespace
}  // namespace lenslet
