#include "lenslet/ops/padding_mode.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// "abcd", or as many letters of it as asked for, with padding.
std::string Padded(PaddingMode mode, int64_t size, int64_t before,
                   int64_t after) {
  std::string padded;
  for (int64_t i = -before; i < size + after; ++i) {
    const int64_t source = SourceOf(mode, i, size);
    padded += source < 0 ? '0' : static_cast<char>('a' + source);
  }
  return padded;
}

TEST(PaddingModeTest, SourcesAreNumpys) {
  EXPECT_EQ(Padded(PaddingMode::kZero, 4, 2, 3), "00abcd000");
  EXPECT_EQ(Padded(PaddingMode::kReflect, 4, 2, 3), "cbabcdcba");
  EXPECT_EQ(Padded(PaddingMode::kReplicate, 4, 2, 3), "aaabcdddd");
  EXPECT_EQ(Padded(PaddingMode::kReplicate, 1, 2, 1), "aaaa");
  EXPECT_EQ(Padded(PaddingMode::kReflect, 2, 1, 1), "baba");
  EXPECT_EQ(Padded(PaddingMode::kReflect, 1, 0, 0), "a");
}

TEST(PaddingModeTest, HasNames) {
  EXPECT_EQ(Name(PaddingMode::kZero), "zero");
  EXPECT_EQ(Name(PaddingMode::kReflect), "reflect");
  EXPECT_EQ(Name(PaddingMode::kReplicate), "replicate");
}

TEST(PaddingModeTest, AReflectionIsSmallerThanTheInput) {
  const Padding before({0, 3}, {0, 0});
  const Padding after({0, 0}, {4, 2});
  LENSLET_EXPECT_OK(CheckPadding(PaddingMode::kReflect, before, {1, 4}));
  EXPECT_THAT(CheckPadding(PaddingMode::kReflect, before, {1, 3}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "padding before [0, 3] reflects 3 positions of axis 1; "
                       "expected at most 2, as the input is [1, 3]"));
  EXPECT_THAT(CheckPadding(PaddingMode::kReflect, after, {4, 3}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("padding after [4, 2] reflects 4 positions "
                                 "of axis 0; expected at most 3")));
  for (const PaddingMode mode : {PaddingMode::kZero, PaddingMode::kReplicate}) {
    LENSLET_EXPECT_OK(CheckPadding(mode, before, {1, 3}));
    LENSLET_EXPECT_OK(CheckPadding(mode, after, {1, 1}));
  }
}

}  // namespace
}  // namespace lenslet
