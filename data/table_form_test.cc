#include "lenslet/data/table_form.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TableFormTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  absl::StatusOr<TableForm> Guess(const std::string& text,
                                  const std::string& target = "") const {
    Write("a.csv", text);
    return GuessTableForm(folder_ + "/a.csv", target);
  }

  const std::string folder_ = EmptyTempFolder("table_form_test");
};

constexpr char kRentals[] =
    "id,town,rooms,area,price\n"
    "1,Ulm,3,71.5,310\n"
    "2,Jena,2,48.25,215.5\n"
    "3,Kiel,2,50,230\n";

TEST_F(TableFormTest, LeavesOutWordsAndNumbersOfRows) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form, Guess(kRentals));
  EXPECT_TRUE(form.has_header);
  EXPECT_EQ(form.target, "price");
  EXPECT_EQ(form.kind, TargetKind::kValues);
  EXPECT_THAT(form.ignore, ElementsAre("id", "town"));
  EXPECT_TRUE(form.has_floats);
  EXPECT_FALSE(form.decimal_comma);
}

TEST_F(TableFormTest, TakesTheTargetThatIsNamed) {
  for (const std::string target : {"area", "3", "-2"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form, Guess(kRentals, target));
    EXPECT_EQ(form.target, "area");
  }
  EXPECT_THAT(Guess(kRentals, "prices").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has no column \"prices\", the target; did "
                                 "you mean \"price\"?")));
}

TEST_F(TableFormTest, FindsClasses) {
  const std::string rows = "1.5,a,2\n2.5,b,3\n3.5,a,5\n4.5,b,7\n";
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm words,
                               Guess("x,kind,y\n" + rows));
  EXPECT_EQ(words.target, "kind");
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm only,
                               Guess("x,kind,z\n" + rows));
  EXPECT_EQ(only.target, "kind");
  EXPECT_EQ(only.kind, TargetKind::kClasses);
  EXPECT_THAT(only.ignore, IsEmpty());
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm numbers,
                               Guess("Label,x\n3,0.5\n7,1.5\n3,2.25\n"));
  EXPECT_EQ(numbers.target, "Label");
  EXPECT_EQ(numbers.kind, TargetKind::kClasses);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const TableForm yes_or_no,
      Guess("x,survived\n0.5,0\n1.5,1\n2.5,1\n", "survived"));
  EXPECT_EQ(yes_or_no.kind, TargetKind::kClasses);
}

TEST_F(TableFormTest, NumbersMayNameColumns) {
  const std::string rows = "1.5,2,3.5,a\n2.5,3,1,b\n3.5,7,2,a\n4.5,8,4,b\n";
  LENSLET_ASSERT_OK_AND_ASSIGN(TableForm form, Guess("0,1,2,kind\n" + rows));
  EXPECT_TRUE(form.has_header);
  EXPECT_EQ(form.target, "kind");
  LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess("400.5,401,401.5,kind\n" + rows));
  EXPECT_TRUE(form.has_header);
  // A row.
  LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess("0,1,2,b\n" + rows));
  EXPECT_FALSE(form.has_header);
  LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess("400.5,401,9,kind\n" + rows));
  EXPECT_FALSE(form.has_header);
}

// As pandas writes them.
TEST_F(TableFormTest, NumbersMayNameAllColumns) {
  const std::string rows = "0.5,2,1\n2.5,3,0\n3.5,7,1\n4.5,8,0\n";
  LENSLET_ASSERT_OK_AND_ASSIGN(TableForm form, Guess("0,1,2\n" + rows));
  EXPECT_TRUE(form.has_header);
  EXPECT_EQ(form.target_column, 2);
  EXPECT_EQ(form.kind, TargetKind::kClasses);
  // "2" is the second column.
  LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess("1,2,3\n" + rows));
  EXPECT_TRUE(form.has_header);
  EXPECT_EQ(form.target, "3");
  EXPECT_EQ(form.target_column, 2);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      form, Guess("0,1,2\n0.5,2,yes\n1.5,3,no\n2.5,1,yes\n3.5,2,no\n"));
  EXPECT_TRUE(form.has_header);
  EXPECT_EQ(form.kind, TargetKind::kClasses);
  for (const std::string first : {"0,1,3\n", "2,3,4\n", "0,1,1\n"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess(first + rows));
    EXPECT_FALSE(form.has_header) << first;
  }
  // Codes of classes in a column that only a number names.
  std::string text = "0,1,2\n";
  for (int i = 0; i < 30; ++i) absl::StrAppend(&text, i, ".5,7,", i % 3, "\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess(text));
  EXPECT_EQ(form.kind, TargetKind::kClasses);
}

TEST_F(TableFormTest, ManyNumbersThatDoNotRecurAreValues) {
  const auto kind_of = [&](int numbers) {
    std::string text = "x,target\n";
    for (int i = 0; i < 80; ++i) {
      absl::StrAppend(&text, 7 * i % 93, ".5,", i % numbers, "\n");
    }
    const absl::StatusOr<TableForm> form = Guess(text);
    LENSLET_EXPECT_OK(form.status());
    return form.ok() ? form->kind : TargetKind::kLabels;
  };
  EXPECT_EQ(kind_of(80), TargetKind::kValues);
  EXPECT_EQ(kind_of(41), TargetKind::kValues);
  EXPECT_EQ(kind_of(40), TargetKind::kClasses);
}

TEST_F(TableFormTest, ALateCellThatIsNoNumberLeavesOutItsColumn) {
  for (const std::string cell : {"nan", "NA", ""}) {
    std::string text = "a,b,y\n";
    for (int i = 0; i < 25000; ++i) {
      absl::StrAppend(&text, i % 7, ".5,2,", i % 2 == 0 ? "u" : "v", "\n");
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                                 Guess(text + cell + ",2,u\n"));
    EXPECT_THAT(form.ignore, ElementsAre("a"));
    EXPECT_THAT(form.warnings,
                ElementsAre(HasSubstr(":25002: column 1 (\"a\") is \"" + cell +
                                      "\", which is no number")));
  }
}

TEST_F(TableFormTest, PlusAndMinusOneAreClasses) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess("x,side\n1.5,-1\n2.5,1\n3.5,1\n", "side"));
  EXPECT_EQ(form.kind, TargetKind::kClasses);
}

TEST_F(TableFormTest, FewWholeNumbersAreClasses) {
  const auto kind_of = [&](const std::string& name,
                           const std::vector<std::string>& cells) {
    std::string text = "x," + name + "\n";
    for (int i = 0; i < 20; ++i) {
      absl::StrAppend(&text, 7 * i % 93, ".5,", cells[i % cells.size()], "\n");
    }
    const absl::StatusOr<TableForm> form = Guess(text, "1");
    LENSLET_EXPECT_OK(form.status());
    return form.ok() ? form->kind : TargetKind::kLabels;
  };
  for (const std::string name : {"label", "y"}) {
    EXPECT_EQ(kind_of(name, {"0.0", "1.0"}), TargetKind::kClasses);
    EXPECT_EQ(kind_of(name, {"-1", "0", "1"}), TargetKind::kClasses);
    EXPECT_EQ(kind_of(name, {"10234", "20456"}), TargetKind::kClasses);
    EXPECT_EQ(kind_of(name, {"+1", "-1"}), TargetKind::kClasses);
    EXPECT_EQ(kind_of(name, {"2.0", "0.0", "7.0"}), TargetKind::kClasses);
    EXPECT_EQ(kind_of(name, {"2.5", "0.0", "7.0"}), TargetKind::kValues);
  }
  EXPECT_EQ(kind_of("side", {"-1.0", "1.0"}), TargetKind::kClasses);
  EXPECT_EQ(kind_of("product", {"10234", "20456"}), TargetKind::kClasses);
  EXPECT_EQ(kind_of("rooms", {"-1", "0", "1"}), TargetKind::kValues);
}

TEST_F(TableFormTest, FindsSeveralLabels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess("x,tags\n0.5,red|big\n1.5,\n2.5,red\n"));
  EXPECT_EQ(form.target, "tags");
  EXPECT_EQ(form.kind, TargetKind::kLabels);
  EXPECT_EQ(form.separator, "|");
}

TEST_F(TableFormTest, ReadsSemicolonsAndDecimalCommas) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess("x;y\n0,5;1\n1,5;4\n2,5;2\n"));
  EXPECT_EQ(form.target, "y");
  EXPECT_TRUE(form.decimal_comma);
  EXPECT_TRUE(form.has_floats);
}

TEST_F(TableFormTest, SomeCellsOfAColumnWithDecimalCommasMayBeWhole) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const TableForm form,
      Guess("x;z;price\n1;7;10\n2,5;8;20,5\n3;9;30\n4;10;7\n"));
  EXPECT_TRUE(form.decimal_comma);
  EXPECT_EQ(form.target, "price");
  EXPECT_EQ(form.kind, TargetKind::kValues);
  EXPECT_THAT(form.ignore, ElementsAre("z"));
  EXPECT_THAT(form.warnings, IsEmpty());
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm none,
                               Guess("1,5;7;10\n2;4;20,5\n3;9;30\n"));
  EXPECT_FALSE(none.has_header);
  EXPECT_EQ(none.columns, 3);
  EXPECT_TRUE(none.decimal_comma);
}

TEST_F(TableFormTest, SaysWhichCellIsNoNumber) {
  const auto rows = [](const std::string& first, const std::string& second) {
    return absl::StrCat("area,rooms,price\n1.5,2,3\n", first,
                        ",4,5\n2.5,1,7\n3.5,2,", second,
                        "8\n5.5,6,5\n6.5,1,9\n");
  };
  for (const std::string cell : {"nan", "-inf", "", "?", "3\"5", "dear"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form, Guess(rows(cell, "")));
    EXPECT_EQ(form.target, "price");
    EXPECT_THAT(form.ignore, ElementsAre("area"));
    EXPECT_THAT(
        form.warnings,
        ElementsAre(absl::StrCat(
            folder_, "/a.csv:3: column 1 (\"area\") is \"", cell,
            "\", which is no number; so the column is left out; to use it, "
            "fill or correct the cell, or take its row out of the file, and "
            "remove its line ignore from the recipe, or run lenslet init "
            "again")));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const TableForm two,
      Guess("a,b,y\nnan,1.5,2\n2,3,4\n?,2,6\n4,1,5\n,1,7\n8,8,8\n"));
  ASSERT_THAT(two.warnings, SizeIs(1));
  EXPECT_THAT(two.warnings[0],
              HasSubstr(":2: column 1 (\"a\") is \"nan\", which is no number, "
                        "as are 2 other cells of the column; so"));
  // In the target, it stays a number, and loading names the cell.
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm target, Guess(rows("1", "nan")));
  EXPECT_EQ(target.target, "price");
  EXPECT_EQ(target.kind, TargetKind::kValues);
  // Values that are missing in the first row are no header.
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm first,
                               Guess("nan,2.5,1.5\n1.5,3,4\n2.5,3,5\n"));
  EXPECT_FALSE(first.has_header);
  EXPECT_THAT(first.warnings, ElementsAre(HasSubstr(":1: column 1 is")));
}

TEST_F(TableFormTest, WholeNumbersWithoutAHeaderMayBeClasses) {
  const auto rows = [](const std::string& header, int classes, int first) {
    std::string text = header;
    for (int i = 0; i < 100; ++i) {
      absl::StrAppend(&text, 7 * i % 93, ",", i * i % 87, ",",
                      first + i * 3 % classes, "\n");
    }
    return text;
  };
  for (const int first : {0, 1}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm codes,
                                 Guess(rows("", 4, first)));
    EXPECT_EQ(codes.target, "2");
    EXPECT_EQ(codes.target_column, 2);
    EXPECT_EQ(codes.kind, TargetKind::kClasses);
  }
  // A gap, too many, and a name that says that they are numbers.
  for (const std::string& text :
       {rows("", 4, 2), rows("", 50, 0), rows("a,b,rooms\n", 4, 0)}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm numbers, Guess(text));
    EXPECT_EQ(numbers.kind, TargetKind::kValues);
  }
}

// As pandas writes them: the column that numbers the rows has no name, and the
// others are named by numbers.
TEST_F(TableFormTest, NamesColumnsUniquely) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess(",0,1,2\n0,0.5,a,3.5\n1,2.5,b,4.5\n"));
  EXPECT_TRUE(form.has_header);
  EXPECT_EQ(form.target, "2");
  EXPECT_THAT(form.ignore, ElementsAre("-4", "1"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const TableForm twice,
      Guess("note,note,x,x\na,b,1.5,2\nc,d,2.5,2\ne,f,3,1\n"));
  EXPECT_EQ(twice.target, "3");
  EXPECT_THAT(twice.ignore, ElementsAre("0", "1"));
}

TEST_F(TableFormTest, DatesAndOtherNumbersAreNoClasses) {
  std::string text = "when,price,part,x,y\n";
  for (int i = 0; i < 12; ++i) {
    absl::StrAppend(&text, "2026-01-0", 1 + i % 3, ",\"1,00", i % 2, ".50\",",
                    i % 2, "%,", i * i, ".5,", 7 * i % 5, ".5\n");
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form, Guess(text));
  EXPECT_EQ(form.target, "y");
  EXPECT_THAT(form.ignore, ElementsAre("when", "price", "part"));
  EXPECT_THAT(
      form.warnings,
      ElementsAre(HasSubstr(":2: column 1 (\"when\") is "
                            "\"2026-01-01\", which is no number in a "
                            "form that is read"),
                  HasSubstr("is \"1,000.50\""), HasSubstr("is \"0%\"")));
}

TEST_F(TableFormTest, CommasAndPointsDoNotGoTogether) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const TableForm form,
      Guess("people,x,y\n\"1,200\",0.5,1\n\"2,100\",2.5,4\n\"3,150\",1.5,"
            "2\n"));
  EXPECT_FALSE(form.decimal_comma);
  EXPECT_THAT(form.ignore, ElementsAre("people"));
  EXPECT_THAT(form.warnings,
              ElementsAre(HasSubstr("column 1 (\"people\") has commas in its "
                                    "numbers, but other columns have decimal "
                                    "points; so the column is left out")));
}

TEST_F(TableFormTest, CommasInNumbersBetweenCommasSeparateThousands) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      TableForm form,
      Guess("income,x,y\n\"12,345\",1,1\n900,3,4\n\"-101,000\",2,2\n"));
  EXPECT_FALSE(form.decimal_comma);
  EXPECT_THAT(form.ignore, ElementsAre("income"));
  EXPECT_THAT(
      form.warnings,
      ElementsAre(HasSubstr(":2: column 1 (\"income\") is \"12,345\", whose "
                            "comma seems to separate thousands; so the column "
                            "is left out")));
  // Some number has a decimal comma, or the columns are as where that is usual.
  for (const char* text :
       {"income,x,y\n\"12,345\",1,1\n900,3,4\n\"101,5\",2,2\n",
        "income,x,y\n\"0,345\",1,1\n900,3,4\n\"101,512\",2,2\n",
        "income;x;y\n12,345;1;1\n900;3;4\n101,000;2;2\n"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess(text));
    EXPECT_TRUE(form.decimal_comma) << text;
    EXPECT_THAT(form.ignore, IsEmpty()) << text;
  }
}

TEST_F(TableFormTest, PointsInNumbersBesideDecimalCommasSeparateThousands) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      TableForm form, Guess("a;b;y\n1.234;0,5;1\n999;1,25;4\n12.500;2;2\n"));
  EXPECT_TRUE(form.decimal_comma);
  EXPECT_THAT(form.ignore, ElementsAre("a"));
  EXPECT_THAT(form.warnings,
              ElementsAre(HasSubstr(":2: column 1 (\"a\") is \"1.234\", whose "
                                    "point seems to separate thousands")));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      form, Guess("a;b;y\n1.234;0,5;1\n999;1,25;4\n12.5;2;2\n"));
  EXPECT_FALSE(form.decimal_comma);
  EXPECT_THAT(form.ignore, ElementsAre("b"));
}

TEST_F(TableFormTest, NamesOfColumnsThatAreNotUtf8AreNumbers) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess("Gr\xf6\xdf"
                                     "e,x,y\nL,1.5,2\nM,2.5,3\nS,2,7\n"));
  EXPECT_THAT(form.ignore, ElementsAre("0"));
}

TEST_F(TableFormTest, AColumnOfFewRowsCountsByChance) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess("x,y,label\n1.5,2,a\n2.5,3,b\n"));
  EXPECT_THAT(form.ignore, IsEmpty());
}

TEST_F(TableFormTest, TagsMayBeSeparatedByCommas) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      TableForm form, Guess("x,tags\n0.5,\"red,big\"\n1.5,\n2.5,red\n"));
  EXPECT_EQ(form.target, "tags");
  EXPECT_EQ(form.kind, TargetKind::kLabels);
  EXPECT_EQ(form.separator, ",");
  // Not so in texts.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      form, Guess("name,y,x\n\"Ulm, BW\",2,1.5\n\"Kiel, SH\",3,2.5\n"));
  EXPECT_EQ(form.target, "y");
}

TEST_F(TableFormTest, ReadsBars) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form,
                               Guess("x|y\n0.5|1\n1.5|4\n2.5|2\n"));
  EXPECT_EQ(form.target, "y");
  EXPECT_EQ(form.columns, 2);
}

TEST_F(TableFormTest, FindsImages) {
  Write("photos/1.jpg", "");
  const std::string text = "file,age\n1.jpg,34\n2.jpg,27.5\n3.jpg,30\n";
  LENSLET_ASSERT_OK_AND_ASSIGN(TableForm form, Guess(text));
  EXPECT_EQ(form.image_column, "file");
  EXPECT_EQ(form.image_folder, folder_ + "/photos");
  EXPECT_EQ(form.target, "age");
  // Here.
  Write("1.jpg", "");
  LENSLET_ASSERT_OK_AND_ASSIGN(form, Guess(text));
  EXPECT_EQ(form.image_folder, folder_);
}

TEST_F(TableFormTest, SaysThatImagesAreElsewhere) {
  const std::string found =
      "column 1 (\"file\") has names of images, such as \"two/a/0.png\", which "
      "are neither in " +
      folder_ + " nor in a folder in it";
  EXPECT_THAT(
      Guess("file,kind\ntwo/a/0.png,a\ntwo/b/1.png,b\ntwo/a/2.png,a\n"
            "two/b/3.png,b\n")
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("has no column of inputs"), HasSubstr(found))));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const TableForm form,
      Guess("file,x,y\ntwo/a/0.png,1.5,1\ntwo/b/1.png,2.5,0\n"));
  EXPECT_THAT(form.warnings, ElementsAre(HasSubstr(found)));
}

TEST_F(TableFormTest, AFewWrongPixelsMakeNoTable) {
  std::string text = "label,a,b\n";
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&text, i % 3, ",", 7 * i, ",", i == 5 ? 300 : i * i % 256,
                    "\n");
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const TableForm form, Guess(text));
  EXPECT_FALSE(form.has_floats);
}

TEST_F(TableFormTest, NeedsColumnsAndRows) {
  const auto expect = [&](const std::string& text, const std::string& error) {
    EXPECT_THAT(Guess(text).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(error)));
  };
  expect("", "is empty");
  expect("when,x\n2026-01-01,1.5\n2026-01-02,2\n",
         "has no column of inputs: column 2 is taken as the target, and all "
         "others are left out");
  expect("a,b\n", "has no rows after the first line");
  expect("a\n1\n",
         "has one column; expected rows of columns, separated by "
         "commas, tabs, semicolons or bars");
  expect("a,b\n1.5\n",
         ":2: has 1 column, too few; expected 2, as in the first line, whose "
         "columns are separated by commas");
  expect("a,b\nx,p\ny,q\nz,r\n", "has no column of numbers, classes or labels");
}

}  // namespace
}  // namespace lenslet
