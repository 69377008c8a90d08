#include "lenslet/data/csv.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/testing/gzip_bytes.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CsvTest : public ::testing::Test {
 protected:
  // Makes a file of `text`, and reads it.
  absl::StatusOr<Dataset> Load(const std::string& text,
                               const CsvOptions& options = {
                                   .image_shape = {1, 2, 1}}) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, text));
    return LoadCsv(path_, options);
  }
  void ExpectError(const std::string& text, const std::string& error,
                   const CsvOptions& options = {.image_shape = {1, 2, 1}}) {
    EXPECT_THAT(Load(text, options),
                StatusIs(absl::StatusCode::kInvalidArgument, path_ + error))
        << text;
  }

  const std::string path_ = EmptyTempFolder("csv_test") + "/file.csv";
};

TEST_F(CsvTest, LoadsLabelsAndPixels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      Load("3,1,2,3,4,5,6\n0,7,8,9,10,0,255\n", {.image_shape = {1, 2, 3}}));
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({2, 1, 2, 3}));
  EXPECT_THAT(Pixels(dataset),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 255));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(3, 0));
  EXPECT_THAT(dataset.target_names, ElementsAre("0", "1", "2", "3"));
}

TEST_F(CsvTest, ReadsMnistByDefault) {
  std::string text = "7";
  for (int i = 0; i < 28 * 28; ++i) absl::StrAppend(&text, ",", i % 256);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load(text, {}));
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({1, 28, 28, 1}));
  const std::vector<int> pixels = Pixels(dataset);
  for (int i = 0; i < 28 * 28; ++i) EXPECT_EQ(pixels[i], i % 256);
}

TEST_F(CsvTest, FindsTheLabelInAnyColumn) {
  const char* const kRows[] = {"5,6,7\n", "6,5,7\n", "6,7,5\n"};
  for (int column = 0; column < 3; ++column) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset, Load(kRows[column], {.label_column = column,
                                                    .image_shape = {1, 2, 1}}));
    EXPECT_THAT(*dataset.Classes(), ElementsAre(5));
    EXPECT_THAT(Pixels(dataset), ElementsAre(6, 7));
  }
}

TEST_F(CsvTest, CountsTheLabelColumnFromTheEnd) {
  for (const auto& [column, label] :
       {std::pair(-1, 7), std::pair(-2, 6), std::pair(-3, 5)}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        Load("5,6,7\n", {.label_column = column, .image_shape = {1, 2, 1}}));
    EXPECT_THAT(*dataset.Classes(), ElementsAre(label));
  }
}

TEST_F(CsvTest, FindsTheSeparator) {
  for (const std::string separator : {",", ";", "\t", "|"}) {
    for (const bool has_header : {false, true}) {
      const std::string row = absl::StrCat("1", separator, "2", separator, "3");
      LENSLET_ASSERT_OK_AND_ASSIGN(
          const Dataset dataset,
          Load(absl::StrCat(has_header ? row + "\n" : "", row, "\n"),
               {.has_header = has_header, .image_shape = {1, 2, 1}}));
      EXPECT_EQ(dataset.size(), 1);
      EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3)) << separator;
    }
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      Load("1:2:3\n", {.column_separator = ':', .image_shape = {1, 2, 1}}));
  EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3));
}

TEST_F(CsvTest, QuotedCellsMayHaveSeparators) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      Load("\"cat, black\",2,3\n dog,\"4\",5\n\"eel; a\" ,\"6\",\"7\"\n"));
  EXPECT_THAT(dataset.target_names, ElementsAre("cat, black", "dog", "eel; a"));
  EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3, 4, 5, 6, 7));
}

TEST_F(CsvTest, PassesOverTheLineThatNamesTheSeparator) {
  for (const std::string start : {"sep=:\n", "\xef\xbb\xbfsep=:\r\n"}) {
    for (const bool has_header : {false, true}) {
      LENSLET_ASSERT_OK_AND_ASSIGN(
          const Dataset dataset,
          Load(absl::StrCat(start, has_header ? "l:a:b\n" : "", "1:2:3\n"),
               {.has_header = has_header, .image_shape = {1, 2, 1}}));
      EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3));
    }
  }
}

// Such characters must not come into errors.
TEST_F(CsvTest, ALineSepMayNotNameAControlCharacter) {
  ExpectError("sep=\x01\n1,2,3\n",
              ":1: has 1 columns, too few; expected 3: the label and 2 pixels "
              "of an image of shape [1, 2, 1]; columns are separated by "
              "commas, unless separator says otherwise");
}

TEST_F(CsvTest, DoubledQuotationMarksAreText) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      Load(
          "\"a \"\"b\"\", c\",2,3\n\"\"\"\",4,5\n\"\",6,7\n",
          {.image_shape = {1, 2, 1}, .class_names = {"a \"b\", c", "\"", ""}}));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 1, 2));
  EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3, 4, 5, 6, 7));
}

TEST_F(CsvTest, QuotedCellsMayHaveLineBreaks) {
  for (const std::string end : {"\n", "\r\n"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        Load(absl::StrCat("\"a", end, end, "b, \"\"c\"\"\" ,2,3", end,
                          "d,4,\"5\"", end)));
    EXPECT_THAT(dataset.target_names, ElementsAre("a\n\nb, \"c\"", "d"));
    EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3, 4, 5));
  }
  // Errors name the line where the row starts.
  ExpectError("\"a\nb\",2,3\nc,4\n",
              ":3: has 2 columns, too few; expected 3: the label and 2 pixels "
              "of an image of shape [1, 2, 1]");
}

TEST_F(CsvTest, NamesTheQuotationMarkThatNothingCloses) {
  const std::string remedy =
      "; close it, or remove the mark, or double it in a cell between marks";
  ExpectError("a,2,3\n\"b,2,3\nc,2,3\n",
              ":2: a quotation mark opens a cell, and no other mark closes it" +
                  remedy);
  ExpectError("a,2,3\n\"b,2,3\n" + std::string(3 << 20, '\n') + "c,2,3\n",
              ":2: a quotation mark opens a cell, and no other mark closes it "
              "within 1 MiB" +
                  remedy);
  // The mark that ends it opens another cell.
  ExpectError("\"a,2,3\n\"b\",2,3\n",
              ":1: a quotation mark opens a cell that the next mark, in line "
              "2, does not end; close it, or remove the mark, or double those "
              "that are text");
}

TEST_F(CsvTest, NamesOtherEncodings) {
  ExpectError(std::string("\xff\xfe"
                          "1\0,\0",
                          6),
              ": is UTF-16; expected UTF-8: save it as CSV UTF-8");
  ExpectError(std::string("1\0,\0002\0", 6),
              ": is not text; expected a CSV file");
  ExpectError("a,2,3\rb,2,3\r",
              ": its lines end with carriage returns alone; expected line "
              "feeds: save it with line ends of Unix or Windows");
}

TEST_F(CsvTest, PassesOverAHeader) {
  for (const std::string header :
       {"label,1x1,1x2\n", "1,2,3\r\n", "\nlabel,,\n"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        Load(header + "0,6,7\n",
             {.has_header = true, .image_shape = {1, 2, 1}}));
    EXPECT_THAT(Pixels(dataset), ElementsAre(6, 7));
  }
}

TEST_F(CsvTest, PassesOverWhatIsNotData) {
  for (const std::string text :
       {"1,2,3\n0,4,5", "1,2,3\r\n0,4,5\r\n", "1,2,3\n0,4,5\n\n \n\r\n",
        "\xef\xbb\xbf"
        "1,2,3\n0,4,5\n",
        "1, 2 ,3 \n 0,\t4,005\n", "\"1\",\"2\",3\n0,\"4\", \"5\" \n"}) {
    for (const std::string& file : {text, GzipBytes(text)}) {
      LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load(file));
      EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 0)) << text;
      EXPECT_THAT(Pixels(dataset), ElementsAre(2, 3, 4, 5)) << text;
    }
  }
}

TEST_F(CsvTest, SortsLabelsThatAreWords) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      Load("dog,1,2\ncat,1,2\n\"sea lion\",1,2\ndog,1,2\nnan,1,2\nant 2,1,2"));
  EXPECT_THAT(dataset.target_names,
              ElementsAre("ant 2", "cat", "dog", "nan", "sea lion"));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(2, 1, 4, 2, 3, 0));
}

TEST_F(CsvTest, OtherNumbersThanIndicesAreNames) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset signs,
                               Load("+1,1,2\n-1,1,2\n+1,1,2\n"));
  EXPECT_THAT(signs.target_names, ElementsAre("-1", "1"));
  EXPECT_THAT(*signs.Classes(), ElementsAre(1, 0, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset numbers, Load("20456,1,2\n10234,1,2\n20456,1,2\n7,1,2\n"));
  EXPECT_THAT(numbers.target_names, ElementsAre("7", "10234", "20456"));
  EXPECT_THAT(*numbers.Classes(), ElementsAre(2, 1, 2, 0));
  std::string text;
  for (int i = 1; i <= 4097; ++i) absl::StrAppend(&text, -i, ",1,2\n");
  ExpectError(text,
              ":4097: column 1 is \"-4097\"; expected one of the 4096 labels "
              "above it, the most that a file may have; for numbers that are "
              "no classes, data.target.value names the column");
}

// As pandas writes whole numbers of a column that lacks a cell.
TEST_F(CsvTest, WholeNumbersMayHaveAPoint) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               Load("2.0,1,2\n0.00,1,2\n2,1,2\n"));
  EXPECT_THAT(dataset.target_names, ElementsAre("0", "1", "2"));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(2, 0, 2));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset test,
      Load("1.0,1,2\n", {.image_shape = {2}, .class_names = {"-1", "1"}}));
  EXPECT_THAT(*test.Classes(), ElementsAre(1));
}

TEST_F(CsvTest, ANumberIsWrittenInOneWay) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               Load("01,1,2\n00,1,2\n10,1,2\n01,1,2\n"));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 0, 10, 1));
  ExpectError("1,2,3\n0,2,3\n01,2,3\n",
              ":3: column 1 is \"01\"; expected \"1\", as the same number is "
              "written in line 1; if they are two classes, make them words, "
              "such as \"class 01\"");
  ExpectError("-1,2,3\n+1,2,3\n1,2,3\n",
              ":3: column 1 is \"1\"; expected \"+1\", as the same number is "
              "written in line 2; if they are two classes, make them words, "
              "such as \"class 1\"");
}

TEST_F(CsvTest, HexadecimalNumbersAreWords) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               Load("0x1F,1,2\n0X20,1,2\n"));
  EXPECT_THAT(dataset.target_names, ElementsAre("0X20", "0x1F"));
}

TEST_F(CsvTest, HasAtMost4096Classes) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset numbers, Load("4095,1,2"));
  EXPECT_EQ(numbers.target_names.size(), 4096);
  EXPECT_THAT(*numbers.Classes(), ElementsAre(4095));
  std::string text;
  for (int i = 0; i < 4096; ++i) absl::StrAppend(&text, "w", i, ",1,2\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset words, Load(text + "w7,1,2\n"));
  ASSERT_EQ(words.target_names.size(), 4096);
  for (int i : {0, 7, 99, 255, 256, 4095, 4096}) {
    EXPECT_EQ(words.target_names[(*words.Classes())[i]],
              absl::StrCat("w", i == 4096 ? 7 : i));
  }
  ExpectError(text + "more,1,2\n",
              ":4097: column 1 is \"more\"; expected one of the 4096 labels "
              "above it, the most that a file may have");
}

TEST_F(CsvTest, RefusesTooFewAndTooManyColumns) {
  ExpectError("1,2,3\n4,5\n",
              ":2: has 2 columns, too few; expected 3: the label and 2 pixels "
              "of an image of shape [1, 2, 1]");
  ExpectError("1,2,3,4\n",
              ":1: has 4 columns, too many; expected 3: the label and 2 pixels "
              "of an image of shape [1, 2, 1]; if the first one is an index, "
              "ignore: \"0\" leaves it out; label_column counts it");
  ExpectError("1,2,3,4,5\n",
              ":1: has 5 columns, too many; expected 3: the label and 2 pixels "
              "of an image of shape [1, 2, 1]");
  ExpectError("1 2 3\n",
              ":1: has 1 columns, too few; expected 3: the label and 2 pixels "
              "of an image of shape [1, 2, 1]; columns are separated by "
              "commas, unless separator says otherwise");
}

TEST_F(CsvTest, RefusesPixelsThatAreNoBytes) {
  for (const std::string value : {"", "256", "-1", "+1", "1.0", "1e1", "x",
                                  "1 2", "99999999999999999999", "nan"}) {
    ExpectError("1,2,3\n1,2," + value + "\n",
                ":2: column 3 is \"" + value +
                    "\"; expected a whole number from 0 to 255");
  }
  ExpectError("1,2,\"256\"\n1,2,3\n",
              ":1: column 3 is \"256\"; expected a whole number from 0 to 255 "
              "(a header needs has_header)");
  ExpectError("1,2,3\n1,\xff" + std::string(50, 'x') + ",3\n",
              ":2: column 2 is \"\\xff" + std::string(39, 'x') +
                  "...\"; expected a whole number from 0 to 255");
}

TEST_F(CsvTest, RefusesAHeaderThatIsNotAnnounced) {
  ExpectError("label,1x1,1x2\n1,2,3\n",
              ":1: column 2 is \"1x1\"; expected a whole number from 0 to 255 "
              "(a header needs has_header)");
}

TEST_F(CsvTest, RefusesOtherQuotes) {
  const std::string expected =
      "; expected quotation marks only at both ends, and doubled between them";
  for (const std::string value : {"2\"", "\"\"2\"\"", "2\"2\"", "\"2\"2\""}) {
    for (const bool label : {false, true}) {
      EXPECT_THAT(
          Load(label ? value + ",2,3" : "1," + value + ",3"),
          StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(expected)));
    }
  }
  ExpectError("1,2,3\n1,2\"2,3\n", ":2: column 2 is \"2\\\"2\"" + expected);
}

TEST_F(CsvTest, RefusesWrongLabels) {
  ExpectError("1,2,3\n,2,3\n",
              ":2: column 1 is \"\"; expected a label; fill the cell, or take "
              "the row out of the file; where a row may have several labels or "
              "none, the target is classes");
  for (const std::string value : {"1.5", "1e9", "1234567890123456789"}) {
    ExpectError("1,2,3\n" + value + ",2,3\n",
                ":2: column 1 is \"" + value +
                    "\"; expected a label that is a word or a whole number of "
                    "up to 18 digits; for numbers that are no classes, "
                    "data.target.value names the column");
  }
  ExpectError("1,2,3\n1,2,3\ncat,2,3\n",
              ":3: column 1 is \"cat\"; expected a number, like the label in "
              "line 1");
  ExpectError(
      "label,1x1,1x2\n2,3,cat\n2,3,1\n",
      ":3: column 3 is \"1\"; expected a word that is not a number, like "
      "the label in line 2",
      {.has_header = true, .label_column = 2, .image_shape = {2}});
  ExpectError("cat,2,3\ncaf\xe9,2,3\n",
              ":2: column 1 is \"caf\\xe9\"; expected a label that is UTF-8; "
              "save the file as UTF-8");
}

TEST_F(CsvTest, RefusesFilesWithoutRows) {
  for (const std::string text : {"", "\n", "\r\n \n"}) {
    ExpectError(text, ": is empty; expected rows of numbers");
  }
  ExpectError("label,1x1,1x2\n",
              ": is empty; expected rows of numbers after the header",
              {.has_header = true, .image_shape = {1, 2, 1}});
}

// As pandas does.
TEST_F(CsvTest, SkipsEmptyLines) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      Load("\n1,2,3\n\n \r\n1,4,5\n\n", {.image_shape = {2}}));
  EXPECT_THAT(dataset.Inputs()->span<uint8_t>(), ElementsAre(2, 3, 4, 5));
  ExpectError("label,x,y\n\n1,2,3\n\n1,2,x\n",
              ":5: column 3 is \"x\"; expected a whole number from 0 to 255",
              {.has_header = true, .image_shape = {2}});
  // As spreadsheets write them.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset padded,
      Load("1,2,3\n1,4,5\n,,\n\n , ,\r\n,,,,\n", {.image_shape = {2}}));
  EXPECT_THAT(padded.Inputs()->span<uint8_t>(), ElementsAre(2, 3, 4, 5));
  // A row of empty cells is no empty line, if others follow.
  ExpectError("1\t2\t3\n\t\t\n1\t2\t3\n",
              ":2: column 1 is \"\"; expected a label; fill the cell, or take "
              "the row out of the file; where a row may have several labels or "
              "none, the target is classes",
              {.image_shape = {2}});
}

// As pandas writes it.
TEST_F(CsvTest, AColumnTooManyMayBeAnIndex) {
  ExpectError(",label,x,y\n0,5,1,2\n",
              ":2: has 4 columns, too many; expected 3: the label and 2 pixels "
              "of an image of shape [2]; if the first one is an index, ignore: "
              "\"0\" leaves it out; label_column counts it",
              {.has_header = true, .image_shape = {2}});
}

TEST_F(CsvTest, RefusesOptionsOutOfRange) {
  for (const Shape& shape :
       {Shape(), Shape({0, 2, 1}), Shape({1, 1, 1, 1, 1, 1})}) {
    EXPECT_THAT(Load("1,2,3", {.image_shape = shape}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "image_shape is " + shape.ToString() +
                             "; expected 1 to 5 dimensions, and none of them "
                             "0"));
  }
  for (const int column : {-4, 3}) {
    EXPECT_THAT(
        Load("1,2,3", {.label_column = column, .image_shape = {1, 2, 1}}),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "label_column is " + std::to_string(column) +
                     "; expected a number in [-3, 2], up to the number of "
                     "pixels of image_shape "
                     "[1, 2, 1]"));
  }
}

// No memory is asked for before the rows are known to have that many values.
TEST_F(CsvTest, TakesNoMemoryForWhatTheFileHasNot) {
  ExpectError("1,2,3\n",
              ":1: has 3 columns, too few; expected 1099511627777: the label "
              "and 1099511627776 pixels of an image of shape [1048576, "
              "1048576, 1]",
              {.image_shape = {1 << 20, 1 << 20, 1}});
}

TEST_F(CsvTest, NamesTheFileThatIsNotThere) {
  EXPECT_THAT(LoadCsv(path_ + ".none"), StatusIs(absl::StatusCode::kNotFound,
                                                 HasSubstr(path_ + ".none")));
}

TEST_F(CsvTest, TakesTheClassesOfAnotherPart) {
  const CsvOptions words = {.image_shape = {1},
                            .class_names = {"cat", "dog", "owl"}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Dataset dataset,
                               Load("owl,1\n\"cat\",2\n", words));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(2, 0));
  EXPECT_THAT(dataset.target_names, ElementsAre("cat", "dog", "owl"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      dataset, Load("1,1\n00,2\n",
                    {.image_shape = {1}, .class_names = {"0", "1", "2"}}));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 0));
  EXPECT_THAT(dataset.target_names, ElementsAre("0", "1", "2"));
  ExpectError("owl,1\ncow,1\n",
              ":2: column 1 is \"cow\"; expected one of the 3 classes of the "
              "training examples: \"cat\", \"dog\", \"owl\"",
              words);
  ExpectError("0,1\n",
              ":1: column 1 is \"0\"; expected one of the 3 classes of the "
              "training examples: \"cat\", \"dog\", \"owl\"",
              words);
}

TEST_F(CsvTest, RefusesTooManyNames) {
  EXPECT_THAT(
      Load("0,1\n", {.image_shape = {1},
                     .class_names = std::vector<std::string>(4097, "a")}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "class_names has 4097 names; expected at most 4096"));
}

}  // namespace
}  // namespace lenslet
