#include "lenslet/base/append_file.h"

#include <sys/resource.h>

#include <csignal>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string EmptyFolder() { return EmptyTempFolder("append_file_test"); }

TEST(AppendFileTest, KeepsWhatIsThere) {
  const std::string path = EmptyFolder() + "/log";
  LENSLET_ASSERT_OK(WriteFileAtomically(path, "one\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(AppendFile file, AppendFile::Open(path));
  LENSLET_ASSERT_OK(file.Append("two\n"));
  // Before the file is closed: another process sees it at once.
  EXPECT_EQ(*ReadFile(path), "one\ntwo\n");
  AppendFile moved = std::move(file);
  LENSLET_ASSERT_OK(moved.Append("three\n"));
  LENSLET_ASSERT_OK(moved.Sync());
  EXPECT_EQ(*ReadFile(path), "one\ntwo\nthree\n");
  EXPECT_EQ(moved.path(), path);
}

TEST(AppendFileTest, MakesOnlyNewFiles) {
  const std::string path = EmptyFolder() + "/log";
  EXPECT_THAT(AppendFile::Open(path),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  LENSLET_ASSERT_OK_AND_ASSIGN(AppendFile file, AppendFile::Create(path));
  LENSLET_ASSERT_OK(file.Append("one\n"));
  EXPECT_THAT(AppendFile::Create(path),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(path)));
  EXPECT_EQ(*ReadFile(path), "one\n");
}

TEST(AppendFileTest, NamesWhatIsNoFile) {
  EXPECT_THAT(AppendFile::Open("/dev/null"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "/dev/null: is not a regular file"));
  const std::string folder = EmptyFolder();
  EXPECT_THAT(AppendFile::Open(folder).status(), Not(IsOk()));
  EXPECT_THAT(AppendFile::Create(folder + "/none/log"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none/log")));
}

TEST(AppendFileTest, LeavesNoPartOfWhatDoesNotFit) {
  const std::string path = EmptyFolder() + "/log";
  LENSLET_ASSERT_OK_AND_ASSIGN(AppendFile file, AppendFile::Create(path));
  LENSLET_ASSERT_OK(file.Append("one\n"));
  // A limit on the size of files stands in for a full disk: the write stops
  // half-way, with an error.
  rlimit unlimited;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 1000, .rlim_max = unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = file.Append(std::string(2000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);

  EXPECT_THAT(status, Not(IsOk()));
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  EXPECT_EQ(*ReadFile(path), "one\n");
  LENSLET_ASSERT_OK(file.Append("two\n"));
  EXPECT_EQ(*ReadFile(path), "one\ntwo\n");
}

}  // namespace
}  // namespace lenslet
