#include "lenslet/data/csv_table.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

constexpr char kHouses[] =
    "id,rooms,area,rent,price\n"
    "a,3,71.5,1.25,310\n"
    "b,2,-4.8e1,0.5,215.5\n";

class CsvTableTest : public ::testing::Test {
 protected:
  absl::StatusOr<CsvTable> Load(const std::string& text,
                                const CsvTableOptions& options) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, text));
    return LoadCsvTable(path_, options);
  }
  void ExpectError(const std::string& text, const std::string& error,
                   const CsvTableOptions& options) {
    EXPECT_THAT(Load(text, options),
                StatusIs(absl::StatusCode::kInvalidArgument, path_ + error))
        << text;
  }

  const std::string folder_ = EmptyTempFolder("csv_table_test");
  const std::string path_ = folder_ + "/train.csv";
};

TEST_F(CsvTableTest, LoadsInputsAndValuesByName) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load(kHouses, {.ignore = {"id"}, .target_columns = {"price", "rent"}}));
  EXPECT_EQ(table.inputs.shape(), Shape({2, 2}));
  EXPECT_THAT(table.inputs.span(), ElementsAre(3, 71.5f, 2, -48));
  EXPECT_EQ(table.targets.shape(), Shape({2, 2}));
  EXPECT_THAT(table.targets.span(), ElementsAre(310, 1.25f, 215.5f, 0.5f));
  EXPECT_THAT(table.target_names, ElementsAre("price", "rent"));
  EXPECT_THAT(table.header,
              ElementsAre("id", "rooms", "area", "rent", "price"));
}

TEST_F(CsvTableTest, NumbersCountColumnsFromBothEnds) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load("x,3,71.5,1\nx, 2 ,\"0.1\",4\r\n\n",
           {.has_header = false, .ignore = {"0"}, .target_columns = {"-1"}}));
  EXPECT_THAT(table.inputs.span(), ElementsAre(3, 71.5f, 2, 0.1f));
  EXPECT_THAT(table.targets.span(), ElementsAre(1, 4));
  EXPECT_TRUE(table.target_names.empty());
}

TEST_F(CsvTableTest, ANameComesBeforeANumber) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const CsvTable table,
                               Load("1,0\n5,6\n", {.target_columns = {"0"}}));
  EXPECT_THAT(table.targets.span(), ElementsAre(6));
  EXPECT_THAT(table.inputs.span(), ElementsAre(5));
}

TEST_F(CsvTableTest, LoadsSeveralLabels) {
  const std::string text = "tags,x\nred; big,1\n,2\nbig;;big,3\n\"blue\",4\n";
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load(text, {.kind = TargetKind::kLabels, .target_columns = {"tags"}}));
  EXPECT_THAT(table.target_names, ElementsAre("big", "blue", "red"));
  EXPECT_EQ(table.targets.shape(), Shape({4, 3}));
  EXPECT_THAT(table.targets.span<uint8_t>(),
              ElementsAre(1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable named,
      Load("tags,x\nb|a,1\n", {.kind = TargetKind::kLabels,
                               .target_columns = {"tags"},
                               .separator = "|",
                               .target_names = {"c", "b", "a"}}));
  EXPECT_THAT(named.targets.span<uint8_t>(), ElementsAre(0, 1, 1));
  EXPECT_THAT(named.target_names, ElementsAre("c", "b", "a"));
}

TEST_F(CsvTableTest, SaysWhichSeparatorTheFileHas) {
  CsvTableOptions options = {.kind = TargetKind::kLabels,
                             .target_columns = {"tags"}};
  ExpectError("x,tags\n1,\n2,red|big\n",
              ":3: column 2 (\"tags\") is \"red|big\"; expected labels "
              "separated by \";\", which no cell of the column has; if \"|\" "
              "separates them, set separator: \"|\"",
              options);
  ExpectError("x,tags\n1,\"red,big\"\n",
              ":2: column 2 (\"tags\") is \"red,big\"; expected labels "
              "separated by \";\", which no cell of the column has; if \",\" "
              "separates them, set separator: \",\"",
              options);
  ExpectError("x,tags\n1,red,big\n",
              ":2: has 3 columns, too many; expected 2, as in the first line, "
              "whose columns are separated by commas; labels in one cell need "
              "quotation marks around the cell, or another separator",
              options);
  // Some cells have the separator, so this is a label's name.
  LENSLET_ASSERT_OK_AND_ASSIGN(const CsvTable table,
                               Load("x,tags\n1,a|b\n2,c;d\n", options));
  EXPECT_THAT(table.target_names, ElementsAre("a|b", "c", "d"));
  options.target_names = {"red", "big"};
  ExpectError(
      "x,tags\n1,red|big\n",
      ":2: column 2 (\"tags\") is \"red|big\"; expected one of the 2 "
      "labels of the training examples: \"red\", \"big\"; the separator is "
      "\";\", but the cell has \"|\"",
      options);
  options.target_names_source = "data.target.classes.names";
  ExpectError("x,tags\n1,blue\n",
              ":2: column 2 (\"tags\") is \"blue\"; expected one of the 2 "
              "labels of data.target.classes.names: \"red\", \"big\"",
              options);
}

TEST_F(CsvTableTest, FindsTabsAndSemicolons) {
  const CsvTableOptions options = {.target_columns = {"price"}};
  for (const std::string text :
       {"x;y;price\n1.5;2;3\n", "x\ty\tprice\n1.5\t2\t3\n",
        "\"x\";\"y\";\"price\"\n\"1.5\";2;3\n"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const CsvTable table, Load(text, options));
    EXPECT_THAT(table.inputs.span(), ElementsAre(1.5f, 2)) << text;
    EXPECT_THAT(table.header, ElementsAre("x", "y", "price"));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable comma,
      Load("x;\"town, state\";price\n1.5;\"Ulm, BW\";3\n",
           {.ignore = {"town, state"}, .target_columns = {"price"}}));
  EXPECT_THAT(comma.header, ElementsAre("x", "town, state", "price"));
  // The labels of a cell may have the separator of other files.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable labels,
      Load("x\ttags\n1\tred;big\n",
           {.kind = TargetKind::kLabels, .target_columns = {"tags"}}));
  EXPECT_THAT(labels.target_names, ElementsAre("big", "red"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable quoted,
      Load("x,tags\n1,\"red,big\"\n", {.kind = TargetKind::kLabels,
                                       .target_columns = {"tags"},
                                       .separator = ","}));
  EXPECT_THAT(quoted.target_names, ElementsAre("big", "red"));
}

TEST_F(CsvTableTest, ReadsDecimalCommas) {
  CsvTableOptions options = {.target_columns = {"price"}};
  ExpectError("x;price\n1,5;3\n",
              ":2: column 1 (\"x\") is \"1,5\"; expected a number; if commas "
              "are decimal points, set decimal_comma: true; to leave the "
              "column out, ignore: \"x\"",
              options);
  ExpectError("x,price\n\"1,500\",3\n",
              ":2: column 1 (\"x\") is \"1,500\"; expected a number; if commas "
              "separate thousands, take them out of the file; if they are "
              "decimal points, set decimal_comma: true; to leave the column "
              "out, ignore: \"x\"",
              options);
  options.decimal_comma = true;
  LENSLET_ASSERT_OK_AND_ASSIGN(const CsvTable table,
                               Load("x;price\n1,5;-3\n2;0,25\n", options));
  EXPECT_THAT(table.inputs.span(), ElementsAre(1.5f, 2));
  EXPECT_THAT(table.targets.span(), ElementsAre(-3, 0.25f));
  ExpectError("x;price\n2.107;3\n",
              ":2: column 1 (\"x\") is \"2.107\"; expected a number; "
              "decimal_comma is set: if points are decimal, remove it; if they "
              "separate thousands, take them out of the file; to leave the "
              "column out, ignore: \"x\"",
              options);
  ExpectError("x;price\n1.000,5;3\n",
              ":2: column 1 (\"x\") is \"1.000,5\"; expected a number; to "
              "leave the column out, ignore: \"x\"",
              options);
}

TEST_F(CsvTableTest, KnowsDecimalCommasFromSeparators) {
  const CsvTableOptions options = {
      .has_header = false, .decimal_comma = true, .target_columns = {"-1"}};
  for (const std::string separator : {";", "\t", "|"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const CsvTable table,
        Load(absl::StrCat("1,5", separator, "2", separator, "3,5\n1", separator,
                          "-2,5", separator, "4\n"),
             options));
    EXPECT_THAT(table.inputs.span(), ElementsAre(1.5f, 2, 1, -2.5f));
    EXPECT_THAT(table.targets.span(), ElementsAre(3.5f, 4));
  }
  // Words with commas are not numbers.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable labels, Load("1,a;b\n2,a\n", {.has_header = false,
                                                   .kind = TargetKind::kLabels,
                                                   .target_columns = {"1"}}));
  EXPECT_THAT(labels.target_names, ElementsAre("a", "b"));
}

TEST_F(CsvTableTest, HeadersMayHaveQuotationMarksAndLineBreaks) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table, Load("\"length\nin \"\"inches\"\"\",price\n1,2\n",
                                 {.target_columns = {"price"}}));
  EXPECT_THAT(table.header, ElementsAre("length\nin \"inches\"", "price"));
  EXPECT_THAT(table.inputs.span(), ElementsAre(1));
}

TEST_F(CsvTableTest, NamesTheSeparatorThatTheFileMayHave) {
  ExpectError(
      "1,5;2,5;3\n4,5;2,5;6\n",
      ":1: column 2 is \"5;2\"; expected a number; if \";\" separates "
      "columns, set separator: \";\" (a header needs has_header); to "
      "leave the column out, ignore: \"1\"",
      {.has_header = false, .column_separator = ',', .target_columns = {"0"}});
  LENSLET_ASSERT_OK_AND_ASSIGN(const CsvTable table,
                               Load("1,5;2,5;3\n", {.has_header = false,
                                                    .column_separator = ';',
                                                    .decimal_comma = true,
                                                    .target_columns = {"-1"}}));
  EXPECT_THAT(table.inputs.span(), ElementsAre(1.5f, 2.5f));
}

TEST_F(CsvTableTest, HasMoreThan256Classes) {
  std::string text = "x,kind\n";
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, i, ",", 999 - i, "\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load(text, {.kind = TargetKind::kClasses, .target_columns = {"kind"}}));
  EXPECT_EQ(table.target_names.size(), 1000);
  EXPECT_EQ(table.targets.span()[0], 999);
}

TEST_F(CsvTableTest, TakesInputColumnsInTheirOrder) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load("a,word,b,y\n1,x,2,3\n4,x,5,6\n",
           {.input_columns = {"b", "a"}, .target_columns = {"y"}}));
  EXPECT_THAT(table.inputs.span(), ElementsAre(2, 1, 5, 4));
  EXPECT_THAT(table.input_names, ElementsAre("b", "a"));
  ExpectError("a,y\n1,2\n", ": column 1 (\"a\") is an input, and named twice",
              {.input_columns = {"a", "a"}, .target_columns = {"y"}});
}

// As pandas does.
TEST_F(CsvTableTest, SkipsEmptyLinesAndKnowsTheLinesOfRows) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load("\nx,word,y\n\n1,\"a\n\nb\",2\n \n3,c,4\n\n",
           {.ignore = {"word"}, .target_columns = {"y"}, .keep_lines = true}));
  EXPECT_THAT(table.inputs.span(), ElementsAre(1, 3));
  EXPECT_THAT(table.lines, ElementsAre(4, 8));
  const CsvTableOptions options = {.target_columns = {"y"}};
  ExpectError("\nx,y\n\n1,z\n",
              ":4: column 2 (\"y\") is \"z\"; expected a number", options);
  LENSLET_ASSERT_OK_AND_ASSIGN(const CsvTable padded,
                               Load("x,y\n1,2\n3,4\n,\n,\n", options));
  EXPECT_THAT(padded.inputs.span(), ElementsAre(1, 3));
  // A row of empty cells is no empty line, if others follow.
  ExpectError("x\ty\n\t\n1\t2\n",
              ":2: column 1 (\"x\") is \"\"; expected a number; fill the "
              "cell, or take the row out of the file",
              options);
  ExpectError("sep=;\n\nx;x;y\n",
              ":3: columns 1 and 2 are both called \"x\"; expected inputs of "
              "different names; to leave one out, ignore: \"1\"",
              options);
}

TEST_F(CsvTableTest, InputsHaveDifferentNames) {
  CsvTableOptions options = {.target_columns = {"y"}};
  ExpectError("a,1,a,y\n1,2,3,4\n",
              ":1: columns 1 and 3 are both called \"a\"; expected inputs of "
              "different names; to leave one out, ignore: \"2\"",
              options);
  ExpectError("a,2,a,y\n1,2,3,4\n",
              ":1: columns 1 and 3 are both called \"a\"; expected inputs of "
              "different names; to leave one out, ignore: \"-2\"",
              options);
  options.ignore = {"-2"};
  LENSLET_EXPECT_OK(Load("a,2,a,y\n1,2,3,4\n", options).status());
}

TEST_F(CsvTableTest, KnowsAnIndex) {
  const auto index = [&](const std::string& text,
                         ElementType type = ElementType::kFloat32) {
    const absl::StatusOr<CsvTable> table =
        Load(text, {.type = type, .target_columns = {"y"}});
    LENSLET_EXPECT_OK(table.status());
    return table.ok() ? table->index_column : "error";
  };
  // As pandas writes it, and reads and writes it again; and as R does.
  EXPECT_EQ(index(",a,y\n0,5,1\n1,5,2\n"), "0");
  EXPECT_EQ(index(",a,y\n0,5,1\n1,5,2\n", ElementType::kUint8), "0");
  EXPECT_EQ(index(",0,y\n0,5,1\n1,5,2\n"), "-3");
  EXPECT_EQ(index("Unnamed: 0,a,y\n0,5,1\n1,5,2\n"), "0");
  EXPECT_EQ(index("\"\",\"a\",\"y\"\n\"1\",5,1\n\"2\",5,2\n"), "0");
  // One row tells nothing.
  EXPECT_EQ(index(",a,y\n0,5,1\n"), "");
  EXPECT_EQ(index("n,a,y\n0,5,1\n1,5,2\n"), "");
  EXPECT_EQ(index(",a,y\n0,5,1\n2,5,2\n"), "");
  EXPECT_EQ(index(",a,y\n2,5,1\n3,5,2\n"), "");
  ExpectError(",a,b,y\n0,5,1,1\n",
              ": has 3 columns of inputs; expected 2, for inputs of shape [2]; "
              "if the first column is an index, ignore: \"0\" leaves it out",
              {.shape = Shape({2}), .target_columns = {"y"}});
}

TEST_F(CsvTableTest, LoadsClasses) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load("x,species\n1.5,elk\n2.5,bee\n",
           {.kind = TargetKind::kClasses, .target_columns = {"species"}}));
  EXPECT_THAT(table.target_names, ElementsAre("bee", "elk"));
  EXPECT_THAT(table.targets.span<uint8_t>(), ElementsAre(1, 0));
}

TEST_F(CsvTableTest, LoadsTextsWithoutInputs) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CsvTable table,
      Load("file,note,age\na.png,x,1\nb.png,y,2\n", {.has_inputs = false,
                                                     .target_columns = {"age"},
                                                     .text_column = "file"}));
  EXPECT_THAT(table.texts, ElementsAre("a.png", "b.png"));
  EXPECT_THAT(table.targets.span(), ElementsAre(1, 2));
  EXPECT_EQ(table.inputs.shape(), Shape({2, 0}));
}

TEST_F(CsvTableTest, ErrorsNameTheCell) {
  const CsvTableOptions options = {.target_columns = {"price"}};
  ExpectError("x,price\n1,2\nParis,2\n",
              ":3: column 1 (\"x\") is \"Paris\"; expected a number; fill or "
              "correct the cell, or take the row out of the file; to leave the "
              "column out, ignore: \"x\"",
              options);
  ExpectError("x,price\n0x1F,2\n",
              ":2: column 1 (\"x\") is \"0x1F\"; expected a number; to leave "
              "the column out, ignore: \"x\"",
              options);
  ExpectError("x,price\n1,\n",
              ":2: column 2 (\"price\") is \"\"; expected a number; fill the "
              "cell, or take the row out of the file",
              options);
  for (const std::string value : {"nan", "-inf", "1e99"}) {
    ExpectError("x,price\n" + value + ",1\n",
                ":2: column 1 (\"x\") is \"" + value +
                    "\"; expected a finite number; take the row out of the "
                    "file, or replace the value",
                options);
  }
  ExpectError("x,price\n1,dear\n",
              ":2: column 2 (\"price\") is \"dear\"; expected a number",
              options);
  ExpectError("x,1\n1,2\n",
              ":1: column 1 is \"x\"; expected a number (a header needs "
              "has_header); to leave the column out, ignore: \"0\"",
              {.has_header = false, .target_columns = {"1"}});
  ExpectError("x,price\n1,2\n1,2,3\n",
              ":3: has 3 columns, too many; expected 2, as in the first line, "
              "whose columns are separated by commas",
              options);
  ExpectError(
      "x,price\n1\",2\n",
      ":2: column 1 (\"x\") is \"1\\\"\"; expected quotation marks only "
      "at both ends, and doubled between them",
      options);
}

TEST_F(CsvTableTest, WithoutARecipeErrorsAdviseWhatToDoToTheFile) {
  const auto expect = [&](const std::string& cell, const std::string& advice) {
    LENSLET_ASSERT_OK(WriteFileAtomically(path_, "a;b\n" + cell + ";1\n"));
    EXPECT_THAT(LoadCsvTable(path_, {.has_recipe = false}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         path_ + ":2: column 1 (\"a\") is \"" + cell +
                             "\"; expected a number" + advice));
  };
  expect("0,5",
         "; if commas are decimal points, write points, as the training file "
         "has them");
  expect("1,500",
         "; if commas separate thousands, take them out of the file; if they "
         "are decimal points, write points, as the training file has them");
  expect("x", "");
}

TEST_F(CsvTableTest, ErrorsNameTheColumn) {
  ExpectError(kHouses,
              ": has no column \"prise\", which is in the target; expected one "
              "of \"id\", \"rooms\", \"area\", \"rent\", \"price\"; did you "
              "mean \"price\"?",
              {.target_columns = {"prise"}});
  ExpectError(kHouses,
              ": the target is column 7; expected a number in [-5, 4], or a "
              "name",
              {.target_columns = {"7"}});
  ExpectError(kHouses,
              ": column 4 (\"rent\") is named twice, as the target, by "
              "data.target, and in ignore; expected each column once",
              {.ignore = {"rent"}, .target_columns = {"rent"}});
  ExpectError("x,x\n1,2\n",
              ":1: has several columns \"x\"; the target needs one; expected "
              "the column's number, from 0",
              {.target_columns = {"x"}});
  ExpectError("1,2\n",
              ": has no column \"x\", which is in the target; without a "
              "header, expected the column's number, from 0",
              {.has_header = false, .target_columns = {"x"}});
  ExpectError("x\n1\n",
              ": has 1 columns, and none is an input: they are targets or "
              "ignored",
              {.target_columns = {"x"}});
  ExpectError(
      kHouses,
      ": has 3 columns of inputs; expected 4, for inputs of shape "
      "[2, 2]",
      {.shape = Shape({2, 2}), .ignore = {"id"}, .target_columns = {"price"}});
}

TEST_F(CsvTableTest, RefusesFilesWithoutRowsOrNames) {
  ExpectError("x,y\n", ": is empty; expected rows of numbers after the header",
              {.target_columns = {"x"}});
  ExpectError("", ": is empty; expected rows of numbers",
              {.has_header = false, .target_columns = {"0"}});
  ExpectError("tags,x\n,1\n",
              ": column \"tags\" has no labels; expected words in some of its "
              "rows",
              {.kind = TargetKind::kLabels, .target_columns = {"tags"}});
  ExpectError("tags,x\nc,1\n",
              ":2: column 1 (\"tags\") is \"c\"; expected one of the 2 labels "
              "of the training examples: \"a\", \"b\"",
              {.kind = TargetKind::kLabels,
               .target_columns = {"tags"},
               .target_names = {"a", "b"}});
}

TEST_F(CsvTableTest, RefusesAnotherHeader) {
  const CsvTableOptions options = {.target_columns = {"1"},
                                   .header = {"a", "b"},
                                   .header_file = "train.csv"};
  ExpectError("a,c\n1,2\n",
              ":1: column 2 is \"c\"; expected \"b\", as in train.csv",
              options);
  ExpectError("a\n1\n", ":1: has 1 columns; expected the 2 of train.csv",
              options);
}

// The name of another input is no suggestion.
TEST_F(CsvTableTest, NamesTheInputsThatItExpects) {
  const CsvTableOptions options = {.input_columns = {"a", "b", "c"},
                                   .target_columns = {}};
  ExpectError(
      "a,c,kind\n1,2,3\n",
      ": has no column \"b\", but \"a\", \"c\", \"kind\"; expected all of "
      "the inputs, \"a\", \"b\", \"c\"",
      options);
}

}  // namespace
}  // namespace lenslet
