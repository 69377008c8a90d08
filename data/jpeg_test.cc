#include "lenslet/data/jpeg.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::StartsWith;

absl::StatusOr<Tensor> JpegImage(const std::string& bytes) {
  LENSLET_ASSIGN_OR_RETURN(
      DecodedImage decoded,
      DecodeJpeg("FILE", bytes, {.max_bytes = int64_t{1} << 20}));
  return std::move(decoded.image);
}

// Slowly changing colors.
Tensor Colors() {
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
TEST(JpegTest, DecodesColors) {
  const Tensor expected = Colors();
  for (const JpegKind& kind :
       std::vector<JpegKind>{{}, {.progressive = true}, {.subsampled = true}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image,
                                 JpegImage(JpegBytes(expected, kind)));
    ASSERT_EQ(image.shape(), Shape({20, 24, 3}));
    for (int64_t i = 0; i < image.shape().elements(); ++i) {
      EXPECT_NEAR(image.data<uint8_t>()[i], expected.data<uint8_t>()[i], 4)
          << i;
    }
  }
}

// The same coefficients in another order.
TEST(JpegTest, ProgressiveFilesGiveTheSameImage) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor baseline,
                               JpegImage(JpegBytes(Colors())));
  const std::string bytes = JpegBytes(Colors(), {.progressive = true});
  EXPECT_TRUE(absl::StrContains(bytes, "\xff\xc2"));  // Its frame's marker.
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor progressive, JpegImage(bytes));
  EXPECT_THAT(progressive.span<uint8_t>(),
              ElementsAreArray(baseline.span<uint8_t>()));
}

TEST(JpegTest, DecodesGray) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, JpegImage(GrayJpegBytes()));
  EXPECT_EQ(image.shape(), Shape({8, 8, 1}));
  EXPECT_THAT(image.span<uint8_t>(), Each(128));
}

TEST(JpegTest, PassesOverWhatFollowsTheImage) {
  LENSLET_EXPECT_OK(JpegImage(GrayJpegBytes() + "garbage").status());
}

std::vector<std::string> FilesOfEachKind() {
  return {JpegBytes(Colors()), JpegBytes(Colors(), {.progressive = true}),
          JpegBytes(Colors(), {.subsampled = true}), GrayJpegBytes()};
}

TEST(JpegTest, NoticesEveryTruncation) {
  for (const std::string& bytes : FilesOfEachKind()) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THAT(
          JpegImage(bytes.substr(0, size)).status(),
          StatusIs(absl::StatusCode::kDataLoss,
                   StartsWith("FILE: the JPEG file cannot be decoded: ")))
          << size;
    }
  }
}

// Damage may go unnoticed, but does no harm.
void ExpectSurvival(const std::string& bytes) {
  const absl::StatusOr<Tensor> image = JpegImage(bytes);
  if (!image.ok()) {
    EXPECT_TRUE(absl::StartsWith(image.status().message(), "FILE: "));
  }
}

TEST(JpegTest, SurvivesEveryWrongByte) {
  for (std::string bytes : FilesOfEachKind()) {
    for (size_t i = kJpegSignature.size(); i < bytes.size(); ++i) {
      for (const char wrong : {'\0', '\xff', '\x7f'}) {
        const char right = bytes[i];
        bytes[i] = wrong;
        ExpectSurvival(bytes);
        bytes[i] = right;
      }
    }
  }
}

// Bytes that are wrong, missing or there twice, one to eight times in a file.
TEST(JpegTest, SurvivesThousandsOfDamagedFiles) {
  constexpr int kFilesOfAKind = 2000;
  Random random(1);
  int noticed = 0;
  for (const std::string& right : FilesOfEachKind()) {
    for (int file = 0; file < kFilesOfAKind; ++file) {
      std::string bytes = right;
      for (int64_t left = 1 + random.Below(8); left > 0; --left) {
        const int64_t size = static_cast<int64_t>(bytes.size());
        const int64_t place = random.Below(size);
        const int64_t length =
            1 + random.Below(std::min<int64_t>(size - place,
                                               int64_t{1} << random.Below(8)));
        switch (random.Below(3)) {
          case 0:
            bytes[place] = static_cast<char>(random.Below(256));
            break;
          case 1:
            if (length < size) bytes.erase(place, length);
            break;
          default:
            bytes.insert(random.Below(size), bytes.substr(place, length));
        }
      }
      ExpectSurvival(bytes);
      const absl::StatusOr<DecodedImage> image = DecodeJpeg("FILE", bytes);
      noticed += !image.ok() || !image->warning.empty();
    }
  }
  // Some hit only what nobody reads.
  EXPECT_GT(noticed, 2 * kFilesOfAKind);
}

// The frame's marker is at 2 + 2 + 67; then come its length, the precision, the
// height and the width.
constexpr size_t kFrame = 71;

TEST(JpegTest, RefusesHugeImagesBeforeItDecodesThem) {
  std::string bytes = GrayJpegBytes();
  bytes.replace(kFrame + 5, 4, "\xff\x00\x00\x11", 4);
  EXPECT_THAT(
      JpegImage(bytes).status(),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          "FILE: has 17 x 65280 pixels of 1 byte; expected at most 1048576 "
          "bytes in all"));
  bytes.replace(kFrame + 5, 4, "\xff\xff\x00\x11", 4);
  EXPECT_THAT(JpegImage(bytes).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "FILE: the JPEG file cannot be decoded: Maximum "
                       "supported image dimension is 65500 pixels"));
}

TEST(JpegTest, RefusesOtherCodings) {
  std::string bytes = GrayJpegBytes();
  bytes[kFrame + 1] = '\xc5';
  EXPECT_THAT(JpegImage(bytes).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "FILE: the JPEG file cannot be decoded: Unsupported "
                       "JPEG process: SOF type 0xc5"));
  bytes = GrayJpegBytes();
  bytes[kFrame + 4] = 12;
  EXPECT_THAT(JpegImage(bytes).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "FILE: the JPEG file cannot be decoded: Unsupported "
                       "JPEG data precision 12"));
}

// Of 16 x 16 pixels of one color. Inks are 255 for none.
Tensor Inks(uint8_t cyan, uint8_t magenta, uint8_t yellow, uint8_t black) {
  Tensor image({16, 16, 4}, ElementType::kUint8);
  for (uint8_t* ink = image.data<uint8_t>(); ink != image.span<uint8_t>().end();
       ink += 4) {
    ink[0] = cyan, ink[1] = magenta, ink[2] = yellow, ink[3] = black;
  }
  return image;
}

// The file without the marker by which Adobe's programs, and libjpeg, say that
// inks are inverted.
std::string WithoutAdobeMarker(std::string bytes) {
  bytes.erase(bytes.find("\xff\xee"), 2 + 14);
  return bytes;
}

TEST(JpegTest, MakesColorsOfInks) {
  const auto expect = [](const std::string& bytes, int red, int green,
                         int blue) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, JpegImage(bytes));
    ASSERT_EQ(image.shape(), Shape({16, 16, 3}));
    for (int i = 0; i < 16 * 16 * 3; i += 3) {
      ASSERT_NEAR(image.data<uint8_t>()[i], red, 3);
      ASSERT_NEAR(image.data<uint8_t>()[i + 1], green, 3);
      ASSERT_NEAR(image.data<uint8_t>()[i + 2], blue, 3);
    }
  };
  // 200 * 204 / 255 is 160.
  const Tensor inverted = Inks(200, 100, 50, 204);
  expect(JpegBytes(inverted), 160, 80, 40);
  expect(JpegBytes(inverted, {.ycck = true}), 160, 80, 40);
  expect(JpegBytes(inverted, {.progressive = true, .ycck = true}), 160, 80, 40);
  expect(WithoutAdobeMarker(JpegBytes(Inks(55, 155, 205, 51))), 160, 80, 40);
  // Paper, and black ink alone.
  expect(JpegBytes(Inks(255, 255, 255, 255)), 255, 255, 255);
  expect(JpegBytes(Inks(255, 255, 255, 0)), 0, 0, 0);
  LENSLET_ASSERT_OK_AND_ASSIGN(const ImageInfo info,
                               JpegInfo("FILE", JpegBytes(inverted)));
  EXPECT_EQ(info.shape, Shape({16, 16, 3}));
}

TEST(JpegTest, ReadsAnImageThatTheDecoderWarnsOf) {
  std::string bytes = GrayJpegBytes();
  LENSLET_ASSERT_OK_AND_ASSIGN(DecodedImage image, DecodeJpeg("FILE", bytes));
  EXPECT_EQ(image.warning, "");
  bytes.insert(bytes.find("\xff\xda"), "abcde");
  LENSLET_ASSERT_OK_AND_ASSIGN(image, DecodeJpeg("FILE", bytes));
  EXPECT_EQ(image.warning,
            "Corrupt JPEG data: 5 extraneous bytes before marker 0xda");
  LENSLET_ASSERT_OK_AND_ASSIGN(const FittedImage fitted,
                               DecodeFittedImage("FILE", bytes, {8, 8, 1}));
  EXPECT_EQ(fitted.changes, ", damaged: " + image.warning);
  EXPECT_EQ(fitted.warning, image.warning);
  EXPECT_THAT(image.image.span<uint8_t>(), Each(128));
}

TEST(JpegTest, DecodesLargeImagesSmaller) {
  // 100 x 90 pixels, of slowly changing colors.
  Tensor image({90, 100, 3}, ElementType::kUint8);
  for (int64_t i = 0; i < 90 * 100; ++i) {
    image.data<uint8_t>()[3 * i] = static_cast<uint8_t>(2 * (i / 100));
    image.data<uint8_t>()[3 * i + 1] = static_cast<uint8_t>(2 * (i % 100));
    image.data<uint8_t>()[3 * i + 2] = 99;
  }
  const std::string bytes = JpegBytes(image);
  const struct {
    int64_t height, width;
    int scale;
  } kCases[] = {{0, 0, 1},   {5, 5, 8},   {6, 6, 8},   {7, 6, 4},
                {6, 7, 4},   {11, 12, 4}, {12, 12, 2}, {22, 25, 2},
                {23, 25, 1}, {90, 100, 1}};
  for (const auto& [height, width, scale] : kCases) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const DecodedImage decoded,
        DecodeJpeg("FILE", bytes, {.height = height, .width = width}));
    const int64_t rows = (90 + scale - 1) / scale;
    const int64_t columns = (100 + scale - 1) / scale;
    ASSERT_EQ(decoded.image.shape(), Shape({rows, columns, 3}));
    ASSERT_EQ(decoded.full_size.has_value(), scale > 1);
    if (scale > 1) {
      EXPECT_EQ(*decoded.full_size, std::make_pair(int64_t{90}, int64_t{100}));
    }
    // The mean of the pixels in its place, but at the edges, where the last
    // blocks are not whole.
    const View<const uint8_t> pixels = decoded.image.view<uint8_t>();
    for (int64_t row = 0; row < rows - 1; ++row) {
      for (int64_t column = 0; column < columns - 1; ++column) {
        EXPECT_NEAR(pixels(row, column, 0), 2 * scale * row + scale - 1, 5);
        EXPECT_NEAR(pixels(row, column, 1), 2 * scale * column + scale - 1, 5);
        EXPECT_NEAR(pixels(row, column, 2), 99, 3);
      }
    }
  }
}

// Whether a progressive file is fine that has the same scan so many times: of
// the first coefficients only, which it sets to what they are.
absl::Status DecodeScans(int scans) {
  std::string bytes = GrayJpegBytes();
  bytes[kFrame + 1] = '\xc2';
  const size_t begin = bytes.find("\xff\xda");
  bytes[begin + 8] = 0;  // The last coefficient.
  const size_t end = bytes.size() - 2;
  const std::string scan = bytes.substr(begin, end - begin);
  for (int i = 1; i < scans; ++i) bytes.insert(end, scan);
  return JpegImage(bytes).status();
}

// A scan is a few bytes here and a pass over the image there.
TEST(JpegTest, RefusesEndlesslyManyScans) {
  LENSLET_EXPECT_OK(DecodeScans(1));
  LENSLET_EXPECT_OK(DecodeScans(50));
  EXPECT_THAT(DecodeScans(1000),
              StatusIs(absl::StatusCode::kDataLoss,
                       "FILE: the JPEG file cannot be decoded: it has more "
                       "than 100 scans"));
}

TEST(JpegTest, NamesWhatIsCorrupt) {
  const auto expect = [](const std::string& bytes, const std::string& reason) {
    EXPECT_THAT(JpegImage(bytes).status(),
                StatusIs(absl::StatusCode::kDataLoss,
                         "FILE: the JPEG file cannot be decoded: " + reason));
  };
  expect("\xff\xd8\xff\xd9", "JPEG datastream contains no image");
  expect("", "Empty input file");
  std::string bytes = GrayJpegBytes();
  expect(bytes.substr(0, bytes.size() - 1), "Premature end of JPEG file");
  bytes[kFrame] = 'x';
  expect(bytes, "Invalid JPEG file structure: SOS before SOF");
  // 255 codes of one bit and two of two, with 0 as all their symbols.
  bytes = GrayJpegBytes();
  std::string table("\xff\xc4\x01\x14\x00\xff\x02", 7);
  table.resize(2 + 276);
  bytes.insert(kFrame, table);
  expect(bytes, "Bogus Huffman table definition");
  bytes = GrayJpegBytes();
  bytes[kFrame + 9] = 2;  // Components, of which one is described.
  expect(bytes, "Bogus marker length");
}

}  // namespace
}  // namespace lenslet
