#include "lenslet/data/big_endian.h"

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(BigEndianTest, TakesTheFirstFourBytes) {
  EXPECT_EQ(BigEndian32("\x01\x02\x03\x04\x05"), 0x01020304);
  EXPECT_EQ(BigEndian32("\xff\xfe\xfd\xfc"), 0xfffefdfc);
}

TEST(BigEndianDeathTest, NeedsFourBytes) {
  EXPECT_DEATH(BigEndian32("abc"), "broken invariant");
}

}  // namespace
}  // namespace lenslet
