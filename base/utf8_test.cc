#include "lenslet/base/utf8.h"

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(Utf8Test, AcceptsWhatIsWellFormed) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("T-shirt/top"));
  EXPECT_TRUE(IsValidUtf8("\u00e9 \u20ac \U0001F45F \U0010FFFF"));
}

TEST(Utf8Test, RejectsWhatIsNot) {
  EXPECT_FALSE(IsValidUtf8("caf\xe9"));           // Latin-1.
  EXPECT_FALSE(IsValidUtf8("\x80"));              // A stray continuation.
  EXPECT_FALSE(IsValidUtf8("\xe2\x82"));          // Cut short.
  EXPECT_FALSE(IsValidUtf8("\xc3("));             // No continuation.
  EXPECT_FALSE(IsValidUtf8("\xc0\x80"));          // Longer than needed.
  EXPECT_FALSE(IsValidUtf8("\xe0\x80\x80"));      // Longer than needed.
  EXPECT_FALSE(IsValidUtf8("\xed\xa0\x80"));      // A surrogate.
  EXPECT_FALSE(IsValidUtf8("\xf4\x90\x80\x80"));  // Above U+10FFFF.
  EXPECT_FALSE(IsValidUtf8("\xff"));
}

TEST(Utf8Test, CountsCharacters) {
  EXPECT_EQ(CountCharacters(""), 0);
  EXPECT_EQ(CountCharacters("Coat"), 4);
  EXPECT_EQ(CountCharacters("caf\u00e9 \u20ac \U0001F45F"), 8);
}

TEST(Utf8Test, AbbreviatesWhatIsTooLong) {
  EXPECT_EQ(Abbreviate("Pullover", 8), "Pullover");
  EXPECT_EQ(Abbreviate("Pullover", 7), "Pullov.");
  EXPECT_EQ(Abbreviate("Pullover", 1), ".");
  EXPECT_EQ(Abbreviate("", 1), "");
  EXPECT_EQ(Abbreviate("\u00e9\u00e9", 2), "\u00e9\u00e9");
  EXPECT_EQ(Abbreviate("\u00e9\u00e9\u00e9", 2), "\u00e9.");
  EXPECT_EQ(Abbreviate("\x80\x80\xff\xff", 1), "\x80\x80.");
}

}  // namespace
}  // namespace lenslet
