#include "lenslet/codegen/score_digest.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

// The examples of FIPS 180-4's publisher, csrc.nist.gov, and their padding's
// border cases by sha256sum.
TEST(BytesDigestTest, IsSha256) {
  EXPECT_EQ(BytesDigest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(BytesDigest(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(
      BytesDigest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(BytesDigest(std::string(55, 'a')),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(BytesDigest(std::string(64, 'a')),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST(ScoreDigestTest, IsOfTheBitsLowestByteFirst) {
  // 1.0f is 0x3f800000.
  EXPECT_EQ(ScoreDigest({1.0f}), BytesDigest(std::string("\0\0\x80\x3f", 4)));
  EXPECT_NE(ScoreDigest({0.0f}), ScoreDigest({-0.0f}));
}

TEST(ScoreDigestTest, AllNaNsAreTheSame) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(ScoreDigest({nan}), ScoreDigest({std::copysign(nan, -1.0f)}));
}

}  // namespace
}  // namespace lenslet
