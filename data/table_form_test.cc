#include "lenslet/data/table_form.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
  expect("", "has no rows after the first line");
  expect("a,b\n", "has no rows after the first line");
  expect("a\n1\n",
         "has one column; expected rows of columns, separated by "
         "commas, tabs or semicolons");
  expect("a,b\nx,p\ny,q\nz,r\n", "has no column of numbers, classes or labels");
}

}  // namespace
}  // namespace lenslet
