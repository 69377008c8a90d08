#include "lenslet/base/printable.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(PrintableTest, LeavesPrintableAsciiAlone) {
  EXPECT_EQ(Printable("layer \"a\\b\": it's ~5%"), "layer \"a\\b\": it's ~5%");
  EXPECT_EQ(Printable(""), "");
}

TEST(PrintableTest, LeavesTextOfAnyLanguageAlone) {
  EXPECT_EQ(Printable("größe 大衣 пальто"), "größe 大衣 пальто");
}

TEST(PrintableTest, EscapesWhatReordersOrHides) {
  EXPECT_EQ(Printable("\u202eevil\u2066\ufeff"),
            "\\xe2\\x80\\xaeevil\\xe2\\x81\\xa6\\xef\\xbb\\xbf");
  EXPECT_EQ(Printable("a\u009b31m\u2028"), "a\\xc2\\x9b31m\\xe2\\x80\\xa8");
}

TEST(PrintableTest, KeepsLineEndsOfLinesOnly) {
  EXPECT_EQ(PrintableLines("a\nb\r\n\x1b[31m\t"), "a\nb\\r\n\\x1b[31m\\t");
}

TEST(PrintableTest, CutsNoCharacterInTwo) {
  for (int shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    for (int i = 0; i < 1000; ++i) text += "大";
    const std::string shortened = Printable(text);
    EXPECT_LE(shortened.size(), 1000);
    EXPECT_THAT(shortened, ::testing::Not(::testing::HasSubstr("\\x")));
  }
}

TEST(PrintableTest, EscapesTheRest) {
  EXPECT_EQ(Printable("\x1b[2J\n\t"), "\\x1b[2J\\n\\t");
  EXPECT_EQ(Printable(absl::string_view("a\0b\x7f\x80\xff", 6)),
            "a\\x00b\\x7f\\x80\\xff");
}

TEST(PrintableTest, LeavesOutTheMiddleOfALongText) {
  const std::string whole = "begin" + std::string(990, 'x') + "end!!";
  EXPECT_EQ(Printable(whole), whole);
  const std::string shortened =
      Printable("begin" + std::string(1'000'000, 'x') + "end");
  EXPECT_LE(shortened.size(), 1000);
  EXPECT_THAT(shortened, StartsWith("beginxxx"));
  EXPECT_THAT(shortened, EndsWith("xxxend"));
  EXPECT_NE(shortened.find("x ... x"), std::string::npos);
}

TEST(PrintableTest, IsShortAfterEscapingToo) {
  EXPECT_LE(Printable(std::string(900, '\x01')).size(), 1000);
}

}  // namespace
}  // namespace lenslet
