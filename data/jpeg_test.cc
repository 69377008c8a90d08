#include "data/jpeg.h"

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "base/status_matchers.h"
#include "data/testing/jpeg_bytes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr int64_t kMaxPixels = 1 << 20;

absl::StatusOr<Tensor> Decode(const std::string& bytes) {
  return DecodeJpeg("FILE", bytes, kMaxPixels);
}

// Slowly changing colours.
Tensor Colours() {
  Tensor image({20, 24, 3}, ElementType::kUint8);
  uint8_t* pixel = image.data<uint8_t>();
  for (int row = 0; row < 20; ++row) {
    for (int column = 0; column < 24; ++column) {
      *pixel++ = static_cast<uint8_t>(60 + 5 * row);
      *pixel++ = static_cast<uint8_t>(200 - 4 * column);
      *pixel++ = static_cast<uint8_t>(80 + row + 2 * column);
    }
  }
  return image;
}

// Of the best quality, and smooth: coefficients are rounded to whole numbers,
// of which an image of 8 x 8 has some that matter.
TEST(JpegTest, DecodesColours) {
  const Tensor expected = Colours();
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, Decode(JpegBytes(expected)));
  ASSERT_EQ(image.shape(), Shape({20, 24, 3}));
  for (int64_t i = 0; i < image.shape().elements(); ++i) {
    EXPECT_NEAR(image.data<uint8_t>()[i], expected.data<uint8_t>()[i], 4) << i;
  }
}

TEST(JpegTest, DecodesGray) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, Decode(GrayJpegBytes()));
  EXPECT_EQ(image.shape(), Shape({8, 8, 1}));
  EXPECT_THAT(image.span<uint8_t>(), Each(128));
}

TEST(JpegTest, PassesOverWhatFollowsTheImage) {
  LENSLET_EXPECT_OK(Decode(GrayJpegBytes() + "garbage").status());
}

TEST(JpegTest, NoticesEveryTruncation) {
  for (const std::string& bytes : {JpegBytes(Colours()), GrayJpegBytes()}) {
    for (size_t size = kJpegSignature.size(); size < bytes.size(); ++size) {
      EXPECT_THAT(Decode(bytes.substr(0, size)).status(),
                  StatusIs(absl::StatusCode::kDataLoss,
                           HasSubstr("FILE: truncated JPEG file, its ")))
          << size;
    }
  }
}

// Damage may go unnoticed, but does no harm.
TEST(JpegTest, SurvivesEveryWrongByte) {
  for (std::string bytes : {JpegBytes(Colours()), GrayJpegBytes()}) {
    for (size_t i = kJpegSignature.size(); i < bytes.size(); ++i) {
      for (const char wrong : {'\0', '\xff', '\x7f'}) {
        const char right = bytes[i];
        bytes[i] = wrong;
        const absl::StatusOr<Tensor> image = Decode(bytes);
        if (!image.ok()) {
          EXPECT_TRUE(absl::StartsWith(image.status().message(), "FILE: "));
        }
        bytes[i] = right;
      }
    }
  }
}

// The frame's marker is at 2 + 2 + 67; then come its length, the precision, the
// height and the width.
constexpr size_t kFrame = 71;

TEST(JpegTest, RefusesHugeImagesBeforeItDecodesThem) {
  std::string bytes = GrayJpegBytes();
  bytes.replace(kFrame + 5, 4, "\xff\xff\x00\x11", 4);
  EXPECT_THAT(Decode(bytes).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "FILE: is too large, 17 x 65535 pixels, at most 1048576 "
                       "are possible"));
}

TEST(JpegTest, RefusesOtherCodings) {
  std::string bytes = GrayJpegBytes();
  bytes[kFrame + 1] = '\xc9';
  EXPECT_THAT(Decode(bytes).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "FILE: is a JPEG file of a kind that is not supported "
                       "(marker 0xc9), baseline and progressive ones are"));
}

TEST(JpegTest, NamesWhatIsCorrupt) {
  EXPECT_THAT(Decode("\xff\xd8\xff\xd9").status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       "FILE: corrupt JPEG file, it has no frame header"));
  std::string bytes = GrayJpegBytes();
  bytes[kFrame] = 'x';
  EXPECT_THAT(Decode(bytes).status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       "FILE: corrupt JPEG file, expected a marker at byte "
                       "71"));
  // 255 codes of one bit and two of two, with 0 as all their symbols.
  bytes = GrayJpegBytes();
  std::string table("\xff\xc4\x01\x14\x00\xff\x02", 7);
  table.resize(2 + 276);
  bytes.insert(kFrame, table);
  EXPECT_THAT(Decode(bytes).status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       "FILE: corrupt JPEG file, wrong segment at byte 71"));
  bytes = GrayJpegBytes();
  bytes[kFrame + 9] = 2;  // Components, of which none is described.
  EXPECT_THAT(Decode(bytes).status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("FILE: the JPEG file cannot be decoded: ")));
}

}  // namespace
}  // namespace lenslet
