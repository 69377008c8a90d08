#include "lenslet/base/input_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// The next `size` bytes, fewer at the end.
absl::StatusOr<std::string> Read(InputFile& file, int64_t size) {
  std::string bytes(size, '?');
  LENSLET_ASSIGN_OR_RETURN(const int64_t got, file.Read(absl::MakeSpan(bytes)));
  bytes.resize(got);
  return bytes;
}

class InputFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<InputFile> Open(const std::string& bytes,
                                 int64_t max_bytes = kMaxFileBytes) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    return InputFile::Open(path_, max_bytes);
  }

  const std::string folder_ = EmptyTempFolder("input_file_test");
  const std::string path_ = folder_ + "/file";
};

TEST_F(InputFileTest, ReadsPieceByPiece) {
  LENSLET_ASSERT_OK_AND_ASSIGN(InputFile file, Open("12345678"));
  EXPECT_EQ(file.path(), path_);
  EXPECT_EQ(file.size(), 8);
  EXPECT_EQ(file.position(), 0);
  EXPECT_EQ(*Read(file, 3), "123");
  EXPECT_EQ(*Read(file, 0), "");
  EXPECT_EQ(*Read(file, 4), "4567");
  EXPECT_EQ(file.position(), 7);
  EXPECT_EQ(*Read(file, 4), "8");
  EXPECT_EQ(*Read(file, 4), "");
  EXPECT_EQ(file.position(), 8);
}

TEST_F(InputFileTest, ReadsOnWhereItWasMovedFrom) {
  LENSLET_ASSERT_OK_AND_ASSIGN(InputFile file, Open("1234"));
  EXPECT_EQ(*Read(file, 2), "12");
  InputFile other = std::move(file);
  EXPECT_EQ(*Read(other, 9), "34");
}

TEST_F(InputFileTest, ReadsAFileThatDoesNotKnowItsSize) {
  LENSLET_ASSERT_OK_AND_ASSIGN(InputFile file,
                               InputFile::Open("/proc/self/status"));
  EXPECT_EQ(file.size(), 0);
  EXPECT_THAT(*Read(file, 100), HasSubstr("Name:"));
  EXPECT_EQ(file.position(), 100);
}

TEST_F(InputFileTest, NamesWhatCannotBeRead) {
  EXPECT_THAT(InputFile::Open(path_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {folder_, pipe, std::string("/dev/zero")}) {
    EXPECT_THAT(InputFile::Open(path),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         path + ": is not a regular file"));
  }
}

TEST_F(InputFileTest, RefusesAFileThatIsTooLong) {
  EXPECT_THAT(Open("12345", 5), IsOk());
  EXPECT_THAT(Open("12345", 4),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       path_ + ": has 5 bytes or more; expected at most 4"));
}

TEST_F(InputFileTest, RefusesAFileThatBecomesTooLong) {
  LENSLET_ASSERT_OK_AND_ASSIGN(InputFile file, Open("1234", 4));
  std::ofstream(path_, std::ios::app) << "5";
  EXPECT_EQ(*Read(file, 4), "1234");
  EXPECT_THAT(Read(file, 4),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       path_ + ": has 5 bytes or more; expected at most 4"));
}

}  // namespace
}  // namespace lenslet
