#include "lenslet/data/gzip_file.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/gzip_bytes.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

// What a GzipFile has in its memory at once of the file on the disk.
constexpr int64_t kBuffer = 65536;

// Bytes that no compression makes fewer.
std::string RandomBytes(int64_t size) {
  Random random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
  return bytes;
}

class GzipFileTest : public ::testing::Test {
 protected:
  // Makes a file of `bytes`, and reads it, `piece` bytes at a time.
  absl::StatusOr<std::string> Read(const std::string& bytes,
                                   int64_t max_bytes = 1 << 20,
                                   int64_t piece = 1 << 20) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    LENSLET_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path_, max_bytes));
    std::string contents;
    std::string buffer(piece, '?');
    while (true) {
      LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                               file.Read(absl::MakeSpan(buffer)));
      contents.append(buffer, 0, got);
      if (got < piece) return contents;
    }
  }

  const std::string path_ = EmptyTempFolder("gzip_file_test") + "/file";
};

TEST_F(GzipFileTest, ReadsAPlainFileAsItIs) {
  for (const std::string bytes : {"", "\x1f", "\x1f\x8a", "text"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string contents, Read(bytes));
    EXPECT_EQ(contents, bytes);
  }
}

TEST_F(GzipFileTest, InflatesAGzipFile) {
  std::string text = "gzip";
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919);
  for (const std::string& expected :
       {std::string(), std::string("a"), std::string(65536, 'b'),
        std::string(65537, 'c'), text}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string contents,
                                 Read(GzipBytes(expected)));
    EXPECT_TRUE(contents == expected) << expected.size();
  }
}

TEST_F(GzipFileTest, InflatesMembersOneAfterTheOther) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::string contents,
      Read(GzipBytes("one, ") + GzipBytes("") + GzipBytes("two")));
  EXPECT_EQ(contents, "one, two");
}

TEST_F(GzipFileTest, ReadsInPieces) {
  for (int64_t size : {kBuffer - 1, kBuffer, kBuffer + 1, 3 * kBuffer}) {
    const std::string expected = RandomBytes(size);
    for (const std::string& file : {expected, GzipBytes(expected)}) {
      for (int64_t piece : {int64_t{1}, int64_t{1000}, kBuffer - 1, kBuffer,
                            kBuffer + 1, size, size + 1}) {
        LENSLET_ASSERT_OK_AND_ASSIGN(const std::string contents,
                                     Read(file, 1 << 20, piece));
        EXPECT_TRUE(contents == expected) << size << " by " << piece;
      }
    }
  }
}

TEST_F(GzipFileTest, ReadsOnWhereItWasMovedFrom) {
  for (const std::string& bytes : {std::string("1234"), GzipBytes("1234"),
                                   GzipBytes("12") + GzipBytes("34")}) {
    LENSLET_ASSERT_OK(WriteFileAtomically(path_, bytes));
    LENSLET_ASSERT_OK_AND_ASSIGN(GzipFile file, GzipFile::Open(path_));
    std::string contents(9, '?');
    EXPECT_EQ(*file.Read(absl::MakeSpan(contents).subspan(0, 2)), 2);
    GzipFile other = std::move(file);
    EXPECT_EQ(*other.Read(absl::MakeSpan(contents).subspan(2)), 2);
    EXPECT_EQ(contents, "1234?????");
  }
}

// Wherever the border between two pieces of the file is: before, within and
// after the two bytes that a member starts with.
TEST_F(GzipFileTest, FindsTheNextMemberAcrossTheBordersOfItsBuffer) {
  std::vector<int64_t> borders;
  for (int64_t size = kBuffer - 60; size < kBuffer; ++size) {
    const std::string first = RandomBytes(size);
    const std::string member = GzipBytes(first);
    if (std::abs(static_cast<int64_t>(member.size()) - kBuffer) > 3) continue;
    borders.push_back(member.size());
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string contents,
                                 Read(member + GzipBytes("two")));
    EXPECT_TRUE(contents == first + "two") << member.size();
    EXPECT_TRUE(*Read(member) == first) << member.size();
    EXPECT_THAT(
        Read(member + "\x1f"),
        StatusIs(absl::StatusCode::kDataLoss,
                 path_ + ": 1 bytes follow the end of the gzip data at byte " +
                     std::to_string(member.size())));
  }
  EXPECT_THAT(borders, IsSupersetOf({kBuffer - 2, kBuffer - 1, kBuffer}));
}

TEST_F(GzipFileTest, RefusesTruncationAtTheBordersOfItsBuffer) {
  const std::string bytes = GzipBytes(RandomBytes(3 * kBuffer));
  for (int64_t size : {kBuffer - 1, kBuffer, kBuffer + 1, 2 * kBuffer}) {
    EXPECT_THAT(
        Read(bytes.substr(0, size)),
        StatusIs(absl::StatusCode::kDataLoss,
                 HasSubstr(path_ + ": truncated gzip file, its " +
                           std::to_string(size) + " bytes end before")));
  }
}

TEST_F(GzipFileTest, RefusesEveryTruncation) {
  const std::string bytes = GzipBytes("some text, some more text");
  for (size_t size = 2; size < bytes.size(); ++size) {
    EXPECT_THAT(
        Read(bytes.substr(0, size)),
        StatusIs(absl::StatusCode::kDataLoss,
                 HasSubstr(path_ + ": truncated gzip file, its " +
                           std::to_string(size) + " bytes end before")));
  }
}

TEST_F(GzipFileTest, RefusesAWrongChecksum) {
  std::string bytes = GzipBytes("some text");
  bytes[bytes.size() - 8] ^= 1;
  EXPECT_THAT(
      Read(bytes),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr(path_ + ": corrupt gzip file: incorrect data check")));
}

TEST_F(GzipFileTest, RefusesAWrongLength) {
  std::string bytes = GzipBytes("some text");
  bytes.back() ^= 1;
  EXPECT_THAT(
      Read(bytes),
      StatusIs(
          absl::StatusCode::kDataLoss,
          HasSubstr(path_ + ": corrupt gzip file: incorrect length check")));
}

TEST_F(GzipFileTest, RefusesWhatOnlyStartsAsAGzipFile) {
  EXPECT_THAT(Read("\x1f\x8b this is not gzip"),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": corrupt gzip file: ")));
}

TEST_F(GzipFileTest, RefusesBytesAfterTheData) {
  const std::string bytes = GzipBytes("some text");
  EXPECT_THAT(
      Read(bytes + "xyz"),
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr(path_ + ": 3 bytes follow the end"),
                     HasSubstr("at byte " + std::to_string(bytes.size())))));
  EXPECT_THAT(Read(bytes + std::string(2 * kBuffer, 'x')),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": 131072 bytes follow the end")));
}

TEST_F(GzipFileTest, LimitsTheSizeByThatOfTheFile) {
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, "1234"));
  EXPECT_EQ(GzipFile::Open(path_)->SizeLimit(), 4);
  // As compact as deflate gets.
  const int64_t size = 10000000;
  const std::string zeros = GzipBytes(std::string(size, '\0'));
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, zeros));
  const int64_t limit = GzipFile::Open(path_)->SizeLimit();
  EXPECT_GE(limit, size);
  EXPECT_LE(limit, size * 1.01);
  EXPECT_EQ(GzipFile::Open(path_, 1000)->SizeLimit(), 1000);
}

TEST_F(GzipFileTest, InflatesNoMoreThanIsAllowed) {
  const std::string zeros = GzipBytes(std::string(1000000, '\0'));
  EXPECT_THAT(Read(zeros, 1000000), IsOk());
  for (int64_t max_bytes : {0, 1, 65536, 999999}) {
    EXPECT_THAT(Read(zeros, max_bytes),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         HasSubstr(path_ + ": inflates to more than the " +
                                   std::to_string(max_bytes) + " bytes")));
  }
  // Two members that are each small enough.
  EXPECT_THAT(
      Read(GzipBytes("12345") + GzipBytes("6789"), 8),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("more than")));
}

TEST_F(GzipFileTest, NamesTheFileThatIsNotThere) {
  EXPECT_THAT(
      GzipFile::Open(path_ + ".none"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_ + ".none")));
}

}  // namespace
}  // namespace lenslet
