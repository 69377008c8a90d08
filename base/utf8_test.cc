#include "base/utf8.h"

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

}  // namespace
}  // namespace lenslet
