#include "lenslet/data/pnm.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Tensor> PnmImage(absl::string_view bytes) {
  LENSLET_ASSIGN_OR_RETURN(DecodedImage decoded,
                           DecodePnm("a.pgm", bytes, {.max_bytes = 1000}));
  return std::move(decoded.image);
}

TEST(PnmTest, DecodesGray) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image, PnmImage("P5\n3 2\n255\n\x01\x02\x03\xff\x05\n"));
  EXPECT_EQ(image.shape(), Shape({2, 3, 1}));
  EXPECT_THAT(image.span<uint8_t>(), ElementsAre(1, 2, 3, 255, 5, '\n'));
}

TEST(PnmTest, DecodesColor) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image, PnmImage("P6 2 1 255\n\x01\x02\x03\x04\x05\x06"));
  EXPECT_EQ(image.shape(), Shape({1, 2, 3}));
  EXPECT_THAT(image.span<uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(PnmTest, SkipsCommentsAndSpaceInTheHeader) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image,
      PnmImage("P5# 9 9\n#\r\n \t 02 # width\n\n1\r\n#largest\n255 #\n"));
  EXPECT_EQ(image.shape(), Shape({1, 2, 1}));
  // What follows one space after the largest value is pixels.
  EXPECT_THAT(image.span<uint8_t>(), ElementsAre('#', '\n'));
}

TEST(PnmTest, ScalesSamplesTo255) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor low, PnmImage(absl::string_view("P5 3 1 2\n\0\1\2", 12)));
  EXPECT_THAT(low.span<uint8_t>(), ElementsAre(0, 128, 255));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor high,
      PnmImage(absl::string_view("P5 3 1 65535\n\0\0\x80\0\xff\xff", 19)));
  EXPECT_THAT(high.span<uint8_t>(), ElementsAre(0, 128, 255));
}

TEST(PnmTest, RefusesMissingAndExtraBytes) {
  EXPECT_THAT(PnmImage("P5 3 2 255\n12345"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "a.pgm: truncated, its header gives 3 x 2 pixels; "
                       "expected 6 bytes after it, got 5"));
  EXPECT_THAT(PnmImage("P5 3 2 255\n1234567"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "a.pgm: too long, its header gives 3 x 2 pixels; "
                       "expected 6 bytes after it, got 7"));
  EXPECT_THAT(PnmImage("P6 1 1 256\n12345"),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("expected 6 bytes after it, got 5")));
}

TEST(PnmTest, RefusesHeadersThatEndEarly) {
  const struct {
    const char* bytes;
    const char* text;
  } kHeaders[] = {{"P5", "before its width"},
                  {"P5 #3 2 255", "before its width"},
                  {"P5 3 ", "before its height"},
                  {"P5 3 2\n", "before its largest value"},
                  {"P5 3 2 255", "before its pixels"}};
  for (const auto& header : kHeaders) {
    EXPECT_THAT(
        PnmImage(header.bytes),
        StatusIs(absl::StatusCode::kDataLoss,
                 absl::StrCat("a.pgm: ends within the header, ", header.text)));
  }
}

TEST(PnmTest, RefusesHeadersThatAreNone) {
  const struct {
    const char* bytes;
    const char* text;
  } kHeaders[] = {
      {"P5 x", "its width is \"x\"; expected a number in [1, 1000]"},
      {"P5 -3 2 255\n",
       "its width is \"-3 2 255\"; expected a number in [1, 1000]"},
      {"P5 3x2 255\n",
       "its height is \"x2 255\\n\"; expected a number in [1, 1000]"},
      {"P5 0 2 255\n", "its width is 0; expected a number in [1, 1000]"},
      {"P5 2 0 255\n", "its height is 0; expected a number in [1, 1000]"},
      {"P5 2 99999999999999999999999 255\n",
       "its height is too large; expected a number in [1, 1000]"},
      {"P5 2 2 0\n", "its largest value is 0; expected a number in [1, 65535]"},
      {"P5 2 2 65536\n",
       "its largest value is too large; expected a number in [1, 65535]"},
      {"P5 2 2 255x", "\"x\" follows its largest value; expected whitespace"},
  };
  for (const auto& header : kHeaders) {
    EXPECT_THAT(PnmImage(header.bytes),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("a.pgm: bad header: ", header.text)));
  }
}

TEST(PnmTest, RefusesMorePixelsThanAreAllowed) {
  EXPECT_THAT(PnmImage(absl::StrCat("P5 10 100 255\n", std::string(1000, 'x'))),
              IsOk());
  EXPECT_THAT(PnmImage("P5 10 101 255\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a.pgm: has 10 x 101 pixels of 1 byte; expected at most "
                       "1000 bytes in all"));
}

TEST(PnmTest, RefusesSamplesAboveTheLargest) {
  EXPECT_THAT(PnmImage(absl::string_view("P5 3 1 2\n\0\1\3", 12)),
              StatusIs(absl::StatusCode::kDataLoss,
                       "a.pgm: sample 2 is 3; expected at most 2"));
}

}  // namespace
}  // namespace lenslet
