#include "lenslet/base/wrap_text.h"

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(WrapTextTest, BreaksBetweenWords) {
  EXPECT_EQ(WrapText("ab cd ef", "", "", 5), "ab cd\nef\n");
  EXPECT_EQ(WrapText("ab cd ef", "", "", 4), "ab\ncd\nef\n");
  EXPECT_EQ(WrapText(" ab  cd ", "", "", 80), "ab cd\n");
}

TEST(WrapTextTest, StartsLinesWithPrefixes) {
  EXPECT_EQ(WrapText("ab cd ef", "* ", "  ", 7), "* ab cd\n  ef\n");
  EXPECT_EQ(WrapText("", "# ", "# "), "# \n");
}

TEST(WrapTextTest, KeepsLongWordsWhole) {
  EXPECT_EQ(WrapText("a abcdefgh b", "# ", "# ", 5), "# a\n# abcdefgh\n# b\n");
}

TEST(WrapTextTest, CountsCharacters) {
  EXPECT_EQ(WrapText("\u00e9\u00e9 \u00e9\u00e9", "", "", 5),
            "\u00e9\u00e9 \u00e9\u00e9\n");
}

}  // namespace
}  // namespace lenslet
