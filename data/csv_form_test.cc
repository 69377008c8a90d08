#include "lenslet/data/csv_form.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/gzip_bytes.h"

namespace lenslet {
namespace {

class CsvFormTest : public ::testing::Test {
 protected:
  absl::StatusOr<CsvForm> Guess(const std::string& text) {
    EXPECT_THAT(WriteFileAtomically(path_, text), IsOk());
    return GuessCsvForm(path_);
  }
  void Expect(const std::string& text, bool has_header, int64_t label_column,
              const Shape& shape) {
    const absl::StatusOr<CsvForm> form = Guess(text);
    ASSERT_THAT(form, IsOk()) << text;
    EXPECT_EQ(form->has_header, has_header) << text;
    EXPECT_EQ(form->label_column, label_column) << text;
    EXPECT_EQ(form->columns, shape.elements() + 1) << text;
    EXPECT_EQ(form->image_shape, shape) << text;
  }
  void ExpectError(const std::string& text, const std::string& message) {
    EXPECT_THAT(Guess(text).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, path_ + message));
  }

  const std::string path_ = EmptyTempFolder("csv_form_test") + "/a.csv";
};

TEST_F(CsvFormTest, FindsAHeader) {
  const Shape square = {2, 2, 1};
  Expect("1,0,9,9,0\n0,9,0,0,9\n", false, 0, square);
  Expect("label,a,b,c,d\n1,0,9,9,0\n0,9,0,0,9\n", true, 0, square);
  // The names of some columns are numbers.
  Expect("label,0,1,2,3\n1,0,9,9,0\n0,9,0,0,9\n", true, 0, square);
  Expect("what,a,b,c,d\ncat,0,9,9,0\ndog,9,0,0,9\n", true, 0, square);
  Expect("what,0,1,2,3\ncat,0,9,9,0\ndog,9,0,0,9\n", true, 0, square);
  Expect("cat,0,1,2,3\ndog,0,9,9,0\ncat,9,0,0,9\n", false, 0, square);
  // Labels that are words are no header.
  Expect("cat,0,9,9,0\ndog,9,0,0,9\n", false, 0, square);
  Expect("cat,0,9,9,0\n", false, 0, square);
  // All names are numbers.
  Expect("0,1,2,3,4\n1,0,9,9,0\n0,9,0,0,9\n", true, 0, square);
  Expect("1,2,3,4,5\n1,0,9,9,0\n0,9,0,0,9\n", true, 0, square);
  Expect("0,1,2,3,5\n1,0,9,9,0\n0,9,0,0,9\n", false, 0, square);
  Expect("0,1\n1,0\n0,9\n", false, 0, {1});
}

TEST_F(CsvFormTest, FindsTheLabels) {
  const Shape square = {2, 2, 1};
  // By name, where the values would say another column.
  Expect("0,1,2,Class,3\n1,0,9,9,0\n0,9,0,0,9\n", true, 3, square);
  // Words.
  Expect("0,9,9,\"cat\",0\n9,0,0, dog,9\n", false, 3, square);
  // The first or the last, by its values.
  Expect("0,9,9,0,200\n1,0,0,9,100\n", false, 0, square);
  Expect("200,9,9,0,0\n100,0,0,9,1\n", false, 4, square);
  Expect("0,9,9,0,0\n0,0,0,9,1\n", false, 4, square);
  Expect("1,9,9,0,1\n0,0,0,9,0\n", false, 0, square);
}

// Rows of a label, of pixels that reach 255, and of a last column.
std::string Rows(int count, const std::string& header,
                 const std::function<std::string(int)>& first,
                 const std::function<std::string(int)>& last) {
  std::string text = header;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, first(i), ",", 37 * i % 256, ",", 91 * i % 256, ",",
                    53 * i % 256, ",", last(i), "\n");
  }
  return text;
}

std::string Number(int i) { return absl::StrCat(i); }
std::string Label(int i) { return absl::StrCat(7 * i % 3); }
std::string Pixel(int i) { return absl::StrCat(29 * i % 251); }
std::string Seven(int) { return "7"; }
std::string Zero(int) { return "0"; }

TEST_F(CsvFormTest, TheLabelOfOneClassIsNoPixel) {
  Expect(Rows(90, "", Seven, Pixel), false, 0, {2, 2, 1});
  Expect(Rows(90, "", Zero, Pixel), false, 0, {2, 2, 1});
  Expect(Rows(90, "", Zero, Label), false, 4, {2, 2, 1});
}

TEST_F(CsvFormTest, FindsAColumnThatNumbersTheRows) {
  for (const std::string header : {"id,a,b,c,label\n", ""}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const CsvForm form,
                                 Guess(Rows(300, header, Number, Label)));
    EXPECT_EQ(form.number_column, 0);
    EXPECT_EQ(form.label_column, 4);
    EXPECT_EQ(form.image_shape, Shape({3}));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const CsvForm form,
                               Guess(Rows(90, "", Label, Pixel)));
  EXPECT_EQ(form.number_column, std::nullopt);
}

TEST_F(CsvFormTest, NamesAColumnThatIsNoPixel) {
  const std::string end = ", and pixels; take it out of the file";
  ExpectError(Rows(90, "label,a,b,c,d\n", Label,
                   [](int i) { return absl::StrCat(i, ".5"); }),
              ": column 5 (\"d\") is not a pixel: it has values other than "
              "whole numbers from 0 to 255; expected only the label, in "
              "column 1 (\"label\")" +
                  end);
}

TEST_F(CsvFormTest, CountsTheClasses) {
  const auto shuffled = [](int i) { return absl::StrCat(7 * i % 5000); };
  for (const std::string header : {"", "label,a,b,c,d\n"}) {
    ExpectError(Rows(10000, header, shuffled, Pixel),
                ": column 1, that of the labels, has 5000 classes; expected at "
                "most 4096");
  }
  ExpectError(Rows(10000, "", Pixel, shuffled),
              ": column 5, that of the labels, has 5000 classes; expected at "
              "most 4096");
}

TEST_F(CsvFormTest, AHeaderAloneIsNoData) {
  ExpectError("label,a,b,c\n",
              ": has a header but no rows; expected a row for each example");
}

TEST_F(CsvFormTest, GuessesTheShape) {
  const auto row = [](int64_t pixels) {
    std::string text = "x";
    for (int64_t i = 0; i < pixels; ++i) absl::StrAppend(&text, ",", i % 256);
    return absl::StrCat(text, "\ny", text.substr(1), "\n");
  };
  Expect(row(784), false, 0, {28, 28, 1});
  Expect(row(3072), false, 0, {32, 32, 3});
  Expect(row(12), false, 0, {2, 2, 3});
  Expect(row(785), false, 0, {785});
  Expect(row(1), false, 0, {1});
  Expect(row(3), false, 0, {3});
}

TEST_F(CsvFormTest, ReadsOtherFormsOfText) {
  Expect("\xef\xbb\xbflabel,a,b,c,d\r\n1,0,9,9,0\r\n0,9,0,0,9\r\n", true, 0,
         {2, 2, 1});
  Expect(GzipBytes("1,0,9,9,0\n0,9,0,0,9\n"), false, 0, {2, 2, 1});
  Expect("\n1,0,9,9,0\n \n0,9,0,0,9\n", false, 0, {2, 2, 1});
  // LoadCsv() has to say what is wrong.
  Expect("1,0,9,9,0\n0,9,0\n\n0,2,3,,9\n", false, 0, {2, 2, 1});
}

TEST_F(CsvFormTest, RefusesOtherFiles) {
  for (const char* empty : {"", "\n \n"}) {
    ExpectError(empty,
                ": is empty; expected rows of columns, separated by commas");
  }
  ExpectError(std::string("\x7f"
                          "ELF\0\0,",
                          8),
              ": is not text; expected a CSV file");
  ExpectError("\nhello\n",
              ":2: has no commas, tabs, semicolons or bars; expected columns "
              "that one of them separates");
  ExpectError("cat,a.png,1\ndog,b.png,2\n",
              ": columns 1 and 2 have words; expected one column of labels, "
              "and whole numbers from 0 to 255 in all others");
}

// Numbers from 0 to 255 are in tables, too.
TEST_F(CsvFormTest, TellsPixelsFromTables) {
  const auto rows = [](const std::string& header, int pixels,
                       const std::string& end) {
    std::string text = header;
    for (int i = 0; i < 40; ++i) {
      absl::StrAppend(&text, i % 10);
      for (int p = 0; p < pixels; ++p) {
        absl::StrAppend(&text, ",", (7 * i + 13 * p) % 256);
      }
      absl::StrAppend(&text, end, "\n");
    }
    return text;
  };
  const auto names = [](const std::string& start, int count) {
    std::string text = "label";
    for (int i = 0; i < count; ++i) absl::StrAppend(&text, ",", start, i);
    return text + "\n";
  };
  const auto expect = [&](const std::string& text, bool are_pixels) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const CsvForm form, Guess(text));
    EXPECT_EQ(form.looks_like_pixels, are_pixels) << text.substr(0, 200);
  };
  expect(rows("", 64, ""), true);
  expect(rows("", 784, ""), true);
  expect(rows("", 192, ""), true);
  expect(rows("", 4, ""), false);
  expect(rows("", 9, ""), false);
  expect(rows("", 65, ""), false);
  expect(rows(names("pixel", 4), 4, ""), true);
  expect(rows(names("pixel", 6), 6, ""), true);
  expect(rows("label,1x1,1x2,2x1,2x2\n", 4, ""), true);
  expect(rows(names("", 64), 64, ""), true);
  expect(rows(names("x", 4), 4, ""), false);
  std::string words = "label";
  for (int i = 0; i < 64; ++i) absl::StrAppend(&words, ",price", i, "euro");
  expect(rows(words + "\n", 64, ""), false);
  // The last column has the target.
  expect(rows("", 63, ",0.5"), false);
}

TEST_F(CsvFormTest, FindsTabsAndSemicolons) {
  for (const std::string separator : {";", "\t", "|"}) {
    std::string text = absl::StrCat("label", separator, "a", separator, "b\n");
    for (int i = 0; i < 20; ++i) {
      absl::StrAppend(&text, i % 3, separator, 7 * i, separator, 3 * i, "\n");
    }
    LENSLET_ASSERT_OK(WriteFileAtomically(path_, text));
    LENSLET_ASSERT_OK_AND_ASSIGN(const CsvForm form, Guess(text));
    EXPECT_TRUE(form.has_header);
    EXPECT_EQ(form.columns, 3);
    EXPECT_EQ(form.label_column, 0);
  }
}

}  // namespace
}  // namespace lenslet
