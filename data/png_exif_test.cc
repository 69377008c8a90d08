#include "lenslet/data/png_exif.h"

#include <zlib.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/exif_bytes.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

const std::string kZero(1, '\0');

// As ImageMagick writes it, 36 bytes a line.
std::string ProfileTextOf(const std::string& exif) {
  std::string text = absl::StrCat("\nexif\n      ", exif.size(), "\n");
  for (size_t i = 0; i < exif.size(); i += 36) {
    absl::StrAppend(&text, absl::BytesToHexString(exif.substr(i, 36)), "\n");
  }
  return text;
}

std::string DeflatedText(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string compressed(size, '\0');
  compress(reinterpret_cast<Bytef*>(compressed.data()), &size,
           reinterpret_cast<const Bytef*>(text.data()), text.size());
  compressed.resize(size);
  return compressed;
}

std::string TextChunk(const std::string& keyword, const std::string& text) {
  return PngChunk("tEXt", absl::StrCat(keyword, kZero, text));
}

std::string CompressedTextChunk(const std::string& keyword,
                                const std::string& text) {
  return PngChunk("zTXt",
                  absl::StrCat(keyword, kZero, kZero, DeflatedText(text)));
}

TEST(PngOrientationTest, ReadsProfilesInEachKindOfTextChunk) {
  const std::string exif = ExifBytes(6);
  const std::string with_name =
      absl::StrCat("Exif", kZero, kZero, ExifBytes(6, false));
  for (const std::string& bytes : {exif, with_name}) {
    const std::string text = ProfileTextOf(bytes);
    for (const char* keyword :
         {"Raw profile type exif", "Raw profile type APP1"}) {
      EXPECT_EQ(PngOrientation(TextChunk(keyword, text)), 6);
      EXPECT_EQ(PngOrientation(CompressedTextChunk(keyword, text)), 6);
      EXPECT_EQ(PngOrientation(PngChunk(
                    "iTXt", absl::StrCat(keyword, kZero, kZero, kZero, "en",
                                         kZero, "word", kZero, text))),
                6);
      EXPECT_EQ(PngOrientation(PngChunk(
                    "iTXt", absl::StrCat(keyword, kZero, "\1", kZero, kZero,
                                         kZero, DeflatedText(text)))),
                6);
    }
    EXPECT_EQ(PngOrientation(TextChunk("Raw profile type xmp", text)), 1);
    EXPECT_EQ(PngOrientation(PngChunk("teXt", "Raw profile type exif")), 1);
  }
}

TEST(PngOrientationTest, AChunkOfExifComesFirst) {
  const std::string profile =
      TextChunk("Raw profile type exif", ProfileTextOf(ExifBytes(6)));
  const std::string other =
      TextChunk("Raw profile type APP1", ProfileTextOf("http://ns.adobe.com"));
  EXPECT_EQ(PngOrientation(profile + PngChunk("eXIf", ExifBytes(8))), 8);
  EXPECT_EQ(PngOrientation(other + profile), 6);
}

TEST(PngOrientationTest, DamagedProfilesAreUpright) {
  const std::string exif = ExifBytes(6);
  const std::string text = ProfileTextOf(exif);
  const auto orientation = [](const std::string& damaged) {
    return PngOrientation(TextChunk("Raw profile type exif", damaged));
  };
  EXPECT_EQ(orientation(""), 1);
  EXPECT_EQ(orientation("\n"), 1);
  EXPECT_EQ(orientation("\nexif\n 12"), 1);
  EXPECT_EQ(orientation("\nexif\n 12\nzz"), 1);
  EXPECT_EQ(orientation(absl::StrCat("\nexif\n1\nx", text)), 1);
  // Wherever the file ends, and whatever byte is wrong.
  const std::string chunk = CompressedTextChunk("Raw profile type exif", text);
  for (size_t i = 0; i < chunk.size(); ++i) {
    const int truncated = PngOrientation(chunk.substr(0, i));
    EXPECT_TRUE(truncated == 1 || truncated == 6) << i;
    for (const char wrong : {'\0', '\xff', '\n'}) {
      std::string damaged = chunk;
      damaged[i] = wrong;
      const int found = PngOrientation(damaged);
      EXPECT_TRUE(found >= 1 && found <= 8) << i;
    }
  }
}

// A text of 16 MiB, 64 KiB once deflated, in each of many chunks.
TEST(PngOrientationTest, InflatesOnlyTheStartOfTheFirstProfiles) {
  const std::string exif = absl::BytesToHexString(ExifBytes(6));
  const std::string far = CompressedTextChunk(
      "Raw profile type exif",
      absl::StrCat("\nexif\n9\n", std::string(size_t{16} << 20, ' '), exif));
  EXPECT_EQ(PngOrientation(far), 1);
  std::string chunks;
  for (int i = 0; i < 8; ++i) chunks += far;
  EXPECT_EQ(PngOrientation(chunks + TextChunk("Raw profile type exif",
                                              ProfileTextOf(ExifBytes(6)))),
            1);
}

TEST(PngOrientationTest, FilesAreReadUpright) {
  // Stored turned left.
  const std::string png =
      PngBytes(Tensor::Of<uint8_t>({3, 2, 1}, {3, 6, 2, 5, 1, 4}));
  constexpr size_t kHeaderBytes = 33;
  const std::string with_profile = absl::StrCat(
      png.substr(0, kHeaderBytes),
      CompressedTextChunk("Raw profile type exif", ProfileTextOf(ExifBytes(6))),
      png.substr(kHeaderBytes));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image,
                               DecodeImage("FILE", with_profile));
  EXPECT_EQ(image.shape(), Shape({2, 3, 1}));
  EXPECT_THAT(image.span<uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
}

}  // namespace
}  // namespace lenslet
