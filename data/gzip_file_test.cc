#include "data/gzip_file.h"

#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "base/temp_folder.h"
#include "data/testing/gzip_bytes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class GzipFileTest : public ::testing::Test {
 protected:
  // Makes a file of `bytes`, and reads it.
  absl::StatusOr<std::string> Read(const std::string& bytes,
                                   int64_t max_bytes = 1 << 20) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    return ReadMaybeGzipped(path_, max_bytes);
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
      ReadMaybeGzipped(path_ + ".none"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_ + ".none")));
}

}  // namespace
}  // namespace lenslet
