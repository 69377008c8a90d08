#include "lenslet/base/crc32c.h"

#include <string>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

// RFC 3720, appendix B.4, prints the bytes of each CRC in the order in which
// they are sent, the lowest first: "aa 36 91 8a" is 0x8a9136aa.
TEST(Crc32cTest, HasThePublishedValues) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43);
  std::string up;
  std::string down;
  for (int i = 0; i < 32; ++i) {
    up += static_cast<char>(i);
    down += static_cast<char>(31 - i);
  }
  EXPECT_EQ(Crc32c(up), 0x46dd794e);
  EXPECT_EQ(Crc32c(down), 0x113fdb5c);
  // An iSCSI read command.
  const std::string command(
      "\x01\xc0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x14\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x14\x00\x00\x00\x18"
      "\x28\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00",
      48);
  EXPECT_EQ(Crc32c(command), 0xd9963a56);
}

// The check value of the Rocksoft model's catalogues of CRCs.
TEST(Crc32cTest, HasTheCatalogsCheckValue) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283);
  EXPECT_EQ(Crc32c(""), 0u);
}

}  // namespace
}  // namespace lenslet
