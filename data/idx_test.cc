#include "data/idx.h"

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "base/temp_folder.h"
#include "data/testing/gzip_bytes.h"
#include "data/testing/idx_bytes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

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
  absl::StatusOr<Tensor> ReadLabels(const std::string& bytes) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    return ReadIdxLabels(path_);
  }

  const std::string path_ = EmptyTempFolder("idx_test") + "/file";
};

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
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor labels, ReadLabels(file));
    EXPECT_EQ(labels.shape(), Shape({3}));
    EXPECT_THAT(labels.span<uint8_t>(), ElementsAre(9, 0, 255));
  }
}

TEST_F(IdxTest, TellsLabelsFromImages) {
  EXPECT_THAT(
      ReadImages(IdxLabelBytes({1})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               path_ + ": wrong magic number, expected 0x00000803, got "
                       "0x00000801: this is a label file, an image file is "
                       "expected"));
  EXPECT_THAT(ReadLabels(IdxImageBytes(1, 1, 1, "a")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": wrong magic number, expected 0x00000801, got "
                               "0x00000803: this is an image file, a label "
                               "file is expected"));
}

TEST_F(IdxTest, NamesOtherKindsOfIdxFiles) {
  const struct {
    uint32_t magic;
    const char* text;
  } kKinds[] = {
      {0x00000802, "0x00000802: this is an IDX file of uint8 with 2 dim"},
      {0x00000903, "0x00000903: this is an IDX file of int8 with 3 dim"},
      {0x00000b03, "this is an IDX file of int16 with 3 dimensions"},
      {0x00000c01, "this is an IDX file of int32 with 1 dimensions"},
      {0x00000d03, "this is an IDX file of float32 with 3 dimensions"},
      {0x00000e04, "this is an IDX file of float64 with 4 dimensions"},
      {0x00000a03, "0x00000a03: this is not an IDX file, an image file is"},
      {0x03080000, "0x03080000: this is not an IDX file"},
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
                     ": ends within the header of an image file, expected "
                     "at least 16 bytes, got " +
                     std::to_string(size)));
  }
  EXPECT_THAT(ReadLabels(IdxLabelBytes({}).substr(0, 7)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("a label file, expected at least 8 bytes, got "
                                 "7")));
}

TEST_F(IdxTest, RefusesMissingAndExtraBytes) {
  EXPECT_THAT(ReadImages(IdxImageBytes(2, 1, 3, "12345")),
              StatusIs(absl::StatusCode::kDataLoss,
                       path_ + ": truncated, its header gives the shape [2, 1, "
                               "3], expected 6 bytes after it, got 5"));
  EXPECT_THAT(ReadImages(IdxImageBytes(2, 1, 3, "1234567")),
              StatusIs(absl::StatusCode::kDataLoss,
                       path_ + ": too long, its header gives the shape [2, 1, "
                               "3], expected 6 bytes after it, got 7"));
  EXPECT_THAT(ReadLabels(IdxLabelBytes({1, 2}) + "x"),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("expected 2 bytes after it, got 3")));
}

TEST_F(IdxTest, RefusesSizesThatAreMoreThanTheFile) {
  EXPECT_THAT(ReadImages(IdxImageBytes(0xffffffff, 1000, 1000, "1")),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("expected 4294967295000000 bytes")));
  EXPECT_THAT(
      ReadImages(IdxImageBytes(0xffffffff, 0xffffffff, 0xffffffff, "1")),
      StatusIs(absl::StatusCode::kInvalidArgument,
               path_ + ": shape [4294967295, 4294967295, 4294967295] has more "
                       "elements than 64 bits can count"));
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
