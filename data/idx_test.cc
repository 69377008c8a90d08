#include "lenslet/data/idx.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/gzip_bytes.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IdxTest : public ::testing::Test {
 protected:
  // Make a file of `bytes`, and read it.
  absl::StatusOr<Tensor> ReadImages(const std::string& bytes) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    return ReadIdxImages(path_);
  }
  absl::StatusOr<std::vector<int32_t>> ReadLabels(const std::string& bytes) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    return ReadIdxLabels(path_);
  }

  const std::string path_ = EmptyTempFolder("idx_test") + "/file";
};

// The most memory that this process has had at once.
int64_t PeakBytes() {
  rusage usage;
  EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  return int64_t{usage.ru_maxrss} << 10;
}

TEST_F(IdxTest, ReadsImages) {
  const std::string bytes = IdxImageBytes(2, 1, 3, "\x01\x02\x03\xff\x05\x06");
  for (const std::string& file : {bytes, GzipBytes(bytes)}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor images, ReadImages(file));
    EXPECT_EQ(images.shape(), Shape({2, 1, 3, 1}));
    EXPECT_THAT(images.span<uint8_t>(), ElementsAre(1, 2, 3, 255, 5, 6));
  }
}

TEST_F(IdxTest, ReadsLabels) {
  const std::string bytes = IdxLabelBytes({9, 0, 255});
  for (const std::string& file : {bytes, GzipBytes(bytes)}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<int32_t> labels,
                                 ReadLabels(file));
    EXPECT_THAT(labels, ElementsAre(9, 0, 255));
  }
}

TEST_F(IdxTest, ReadsLabelsOfAllWholeTypes) {
  const auto read = [&](uint8_t type, const std::string& numbers) {
    return *ReadLabels(IdxBytes(type, {2}, numbers));
  };
  EXPECT_THAT(read(0x09, std::string("\x07\xff", 2)), ElementsAre(7, -1));
  EXPECT_THAT(read(0x0b, std::string("\x01\x02\xff\xfe", 4)),
              ElementsAre(258, -2));
  EXPECT_THAT(read(0x0c, std::string("\0\0\x03\xe7\xff\xff\xff\xfd", 8)),
              ElementsAre(999, -3));
  EXPECT_THAT(ReadLabels(IdxBytes(0x0d, {1}, "1234")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is an IDX file of float32 with 1 dimensions "
                                 "(magic number 0x00000d01); expected a label "
                                 "file")));
  EXPECT_THAT(ReadLabels(IdxBytes(0x0c, {1, 8}, "")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is an IDX file of int32 with 2 dimensions")));
}

TEST_F(IdxTest, ReadsFloatImages) {
  // 1.5 and -2, of 4 and of 8 bytes.
  const std::string floats("\x3f\xc0\0\0\xc0\0\0\0", 8);
  const std::string doubles("\x3f\xf8\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 16);
  for (const std::string& file : {IdxBytes(0x0d, {1, 1, 2}, floats),
                                  GzipBytes(IdxBytes(0x0d, {1, 1, 2}, floats)),
                                  IdxBytes(0x0e, {1, 1, 2}, doubles)}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor images, ReadImages(file));
    EXPECT_EQ(images.shape(), Shape({1, 1, 2, 1}));
    EXPECT_THAT(images.span(), ElementsAre(1.5f, -2));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor large,
      ReadImages(
          IdxBytes(0x0e, {1, 1}, std::string("\x7f\xe0\0\0\0\0\0\0", 8))));
  EXPECT_THAT(large.span(),
              ElementsAre(std::numeric_limits<float>::infinity()));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor shorts,
      ReadImages(
          IdxBytes(0x0b, {1, 1, 1, 2}, std::string("\x03\xff\xff\xff", 4))));
  EXPECT_THAT(shorts.span(), ElementsAre(1023, -1));
  EXPECT_THAT(ReadImages(IdxBytes(0x0d, {1, 1, 2}, "1234567")),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("expected 8 bytes after it, got 7")));
}

// More numbers than are converted at once.
TEST_F(IdxTest, ReadsManyFloats) {
  std::string numbers;
  for (int i = 0; i < 40000; ++i) numbers += BigEndianBytes(i);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor images,
                               ReadImages(IdxBytes(0x0c, {4, 10000}, numbers)));
  EXPECT_EQ(images.shape(), Shape({4, 10000}));
  for (int i = 0; i < 40000; ++i) ASSERT_EQ(images.span()[i], i);
}

TEST_F(IdxTest, ReadsImagesOfSeveralChannels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor images,
      ReadImages(IdxBytes(0x08, {2, 1, 1, 3}, "\x01\x02\x03\x04\x05\x06")));
  EXPECT_EQ(images.shape(), Shape({2, 1, 1, 3}));
  EXPECT_THAT(images.span<uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(IdxTest, TellsLabelsFromImages) {
  EXPECT_THAT(ReadImages(IdxLabelBytes({1})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": is a label file (magic number 0x00000801); "
                               "expected an image file (0x00000803)"));
  EXPECT_THAT(ReadLabels(IdxImageBytes(1, 1, 1, "a")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": is an image file (magic number 0x00000803); "
                               "expected a label file (0x00000801)"));
}

TEST_F(IdxTest, NamesOtherKindsOfIdxFiles) {
  const struct {
    uint32_t magic;
    const char* text;
  } kKinds[] = {
      {0x00000806,
       ": is an IDX file of uint8 with 6 dimensions (magic number "
       "0x00000806)"},
      {0x00000901,
       ": is an IDX file of int8 with 1 dimensions (magic number "
       "0x00000901)"},
      {0x00000b00, "is an IDX file of int16 with 0 dimensions"},
      {0x00000c01, "is an IDX file of int32 with 1 dimensions"},
      {0x00000d01, "is an IDX file of float32 with 1 dimensions"},
      {0x00000eff, "is an IDX file of float64 with 255 dimensions"},
      {0x00000a03,
       ": is not an IDX file (magic number 0x00000a03); expected an "
       "image file"},
      {0x03080000, ": is not an IDX file (magic number 0x03080000)"},
  };
  for (const auto& kind : kKinds) {
    EXPECT_THAT(
        ReadImages(BigEndianBytes(kind.magic)),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(kind.text)));
  }
}

TEST_F(IdxTest, RefusesAFileThatEndsWithinItsHeader) {
  const std::string images = IdxImageBytes(1, 1, 1, "a");
  for (size_t size = 0; size < 16; ++size) {
    EXPECT_THAT(
        ReadImages(images.substr(0, size)),
        StatusIs(absl::StatusCode::kDataLoss,
                 path_ +
                     ": ends within the header of an image file; expected "
                     "at least 16 bytes, got " +
                     std::to_string(size)));
  }
  EXPECT_THAT(ReadLabels(IdxLabelBytes({}).substr(0, 7)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("a label file; expected at least 8 bytes, got "
                                 "7")));
}

TEST_F(IdxTest, RefusesMissingAndExtraBytes) {
  for (const auto make :
       {+[](const std::string& bytes) { return bytes; },
        +[](const std::string& bytes) { return GzipBytes(bytes); }}) {
    EXPECT_THAT(
        ReadImages(make(IdxImageBytes(2, 1, 3, "12345"))),
        StatusIs(absl::StatusCode::kDataLoss,
                 path_ + ": truncated, its header gives the shape [2, 1, "
                         "3]; expected 6 bytes after it, got 5"));
    EXPECT_THAT(ReadImages(make(IdxImageBytes(2, 1, 3, ""))),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("expected 6 bytes after it, got 0")));
    EXPECT_THAT(
        ReadImages(make(IdxImageBytes(2, 1, 3, "1234567"))),
        StatusIs(absl::StatusCode::kDataLoss,
                 path_ + ": too long, its header gives the shape [2, 1, "
                         "3]; expected 6 bytes after it, got 7"));
    EXPECT_THAT(ReadImages(make(
                    IdxImageBytes(2, 1, 3, "123456" + std::string(200000, 7)))),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("expected 6 bytes after it, got 200006")));
    EXPECT_THAT(ReadLabels(make(IdxLabelBytes({1, 2}) + "x")),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("expected 2 bytes after it, got 3")));
  }
}

// The last element is there before the file's end has been seen.
TEST_F(IdxTest, RefusesAGzipFileThatIsWrongOnlyAtItsEnd) {
  const std::string bytes = GzipBytes(IdxImageBytes(2, 1, 3, "123456"));
  EXPECT_THAT(ReadImages(bytes.substr(0, bytes.size() - 1)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": truncated gzip file")));
  std::string wrong_checksum = bytes;
  wrong_checksum[bytes.size() - 8] ^= 1;
  EXPECT_THAT(ReadImages(wrong_checksum),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": corrupt gzip file")));
  EXPECT_THAT(ReadImages(bytes + "xyz"),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": 3 bytes follow the end")));
}

TEST_F(IdxTest, RefusesSizesThatAreMoreThanTheFile) {
  const std::string far_too_many = IdxImageBytes(0xffffffff, 1000, 1000, "1");
  const std::string uncountable =
      IdxImageBytes(0xffffffff, 0xffffffff, 0xffffffff, "1");
  for (const std::string& file : {far_too_many, GzipBytes(far_too_many)}) {
    EXPECT_THAT(ReadImages(file),
                StatusIs(absl::StatusCode::kDataLoss,
                         path_ + ": truncated, its header gives the shape "
                                 "[4294967295, 1000, 1000]; expected "
                                 "4294967295000000 bytes after it, got 1"));
  }
  for (const std::string& file : {uncountable, GzipBytes(uncountable)}) {
    EXPECT_THAT(
        ReadImages(file),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 path_ + ": shape [4294967295, 4294967295, 4294967295] has "
                         "more elements than 64 bits can count"));
  }
}

TEST_F(IdxTest, TakesNoMemoryForWhatTheFileHasNot) {
  const std::string bytes = IdxImageBytes(1 << 9, 1 << 10, 1 << 10, "12345");
  const int64_t before = PeakBytes();
  for (const std::string& file : {bytes, GzipBytes(bytes)}) {
    EXPECT_THAT(ReadImages(file),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("expected 536870912 bytes after it, got "
                                   "5")));
  }
  EXPECT_LE(PeakBytes(), before + (16 << 20));
}

// The file is much larger than what is read of it at once.
TEST_F(IdxTest, ReadsLargeFilesInPieces) {
  Random random(1);
  std::string pixels(300 * 30 * 31, '\0');
  for (char& pixel : pixels) pixel = static_cast<char>(random.Below(256));
  const std::string bytes = IdxImageBytes(300, 30, 31, pixels);
  for (const std::string& file : {bytes, GzipBytes(bytes)}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor images, ReadImages(file));
    EXPECT_TRUE(std::equal(
        pixels.begin(), pixels.end(), images.span<uint8_t>().begin(),
        [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
  }
}

TEST_F(IdxTest, TakesTheMemoryOfTheTensorOnly) {
  // Members of a gzip file, so that the test itself takes little.
  std::string file = GzipBytes(IdxImageBytes(64, 1 << 10, 1 << 10, ""));
  const std::string megabyte = GzipBytes(std::string(1 << 20, '\1'));
  for (int i = 0; i < 64; ++i) file += megabyte;
  const int64_t before = PeakBytes();
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor images, ReadImages(file));
  EXPECT_EQ(images.bytes(), 64 << 20);
  // The address sanitizer takes another eighth for itself.
  EXPECT_LE(PeakBytes() - before, images.bytes() * 5 / 4);
}

TEST_F(IdxTest, RefusesSizesOfZero) {
  for (const std::string& bytes :
       {IdxImageBytes(0, 28, 28, ""), IdxImageBytes(5, 0, 28, ""),
        IdxImageBytes(5, 28, 0, "")}) {
    EXPECT_THAT(ReadImages(bytes),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(path_ + ": is empty, its header gives")));
  }
  EXPECT_THAT(ReadLabels(IdxLabelBytes({})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": is empty, its header gives the shape [0]"));
}

TEST_F(IdxTest, NamesTheFileThatIsNotThere) {
  EXPECT_THAT(
      ReadIdxImages(path_ + ".none"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_ + ".none")));
}

}  // namespace
}  // namespace lenslet
