#include "lenslet/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A folder of the test's own, empty at its start.
class FileTest : public ::testing::Test {
 protected:
  FileTest() : folder_(EmptyTempFolder("file_test")) {}

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  int FilesInFolder() {
    return std::distance(std::filesystem::directory_iterator(folder_),
                         std::filesystem::directory_iterator());
  }

  std::string folder_;
};

TEST_F(FileTest, ReadsWhatWasWritten) {
  const std::string contents(200000, '\0');
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a"), contents));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("b"), ""));
  LENSLET_ASSERT_OK_AND_ASSIGN(std::string a, ReadFile(Path("a")));
  LENSLET_ASSERT_OK_AND_ASSIGN(std::string b, ReadFile(Path("b")));
  EXPECT_EQ(a, contents);
  EXPECT_EQ(b, "");
  EXPECT_EQ(FilesInFolder(), 2);
}

TEST_F(FileTest, ReadsAFileThatDoesNotKnowItsSize) {
  EXPECT_THAT(*ReadFile("/proc/self/status"), HasSubstr("Name:"));
}

TEST_F(FileTest, NamesTheFileThatCannotBeRead) {
  EXPECT_THAT(ReadFile(Path("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none"))));
  EXPECT_THAT(ReadFile(folder_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasSubstr("is not a regular file")));
}

TEST_F(FileTest, ReadsNothingWithoutAnEnd) {
  EXPECT_THAT(ReadFile("/dev/zero"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "/dev/zero: is not a regular file"));
  const std::string pipe = Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ReadFile(pipe), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       pipe + ": is not a regular file"));
}

TEST_F(FileTest, ReadsNoMoreThanIsAskedFor) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a"), "12345"));
  EXPECT_EQ(*ReadFile(Path("a"), 5), "12345");
  EXPECT_THAT(
      ReadFile(Path("a"), 4),
      StatusIs(absl::StatusCode::kResourceExhausted,
               Path("a") + ": has 5 bytes or more; expected at most 4"));
  // A file of holes, larger than any memory.
  ASSERT_EQ(truncate(Path("a").c_str(), int64_t{1} << 42), 0);
  EXPECT_THAT(ReadFile(Path("a")),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("has 4398046511104 bytes")));
}

TEST_F(FileTest, TouchesNoFileOfTheUsers) {
  const std::string taken =
      Path("a.tmp." + std::to_string(static_cast<int>(getpid())));
  LENSLET_ASSERT_OK(WriteFileAtomically(taken, "mine"));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a"), "new"));
  LENSLET_EXPECT_OK(CheckWritable(Path("a")));
  EXPECT_EQ(*ReadFile(taken), "mine");
  EXPECT_EQ(FilesInFolder(), 2);
}

TEST_F(FileTest, NamesTheFolderThatIsNotThere) {
  EXPECT_THAT(WriteFileAtomically(Path("none/a"), "x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none/a"))));
}

TEST_F(FileTest, KeepsTheOldFileWhenTheNewOneDoesNotFit) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a"), "old"));
  // A limit on the size of files stands in for a full disk: the write stops
  // half-way, with an error.
  rlimit unlimited;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 1000, .rlim_max = unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status =
      WriteFileAtomically(Path("a"), std::string(2000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);

  EXPECT_THAT(status, Not(IsOk()));
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("a")));
  EXPECT_EQ(*ReadFile(Path("a")), "old");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FileTest, SaysThatADeviceIsFull) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  // A device is not replaced by a file.
  EXPECT_THAT(WriteFileAtomically("/dev/full", "x"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("/dev/full: already exists")));
}

TEST_F(FileTest, TellsBeforehandWhetherAFileCanBeWritten) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a"), "old"));
  LENSLET_EXPECT_OK(CheckWritable(Path("a")));
  LENSLET_EXPECT_OK(CheckWritable(Path("b")));
  EXPECT_EQ(*ReadFile(Path("a")), "old");
  EXPECT_EQ(FilesInFolder(), 1);
  EXPECT_THAT(CheckWritable(Path("none/a")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none/a"))));
  EXPECT_THAT(CheckWritable(folder_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not a regular file")));
}

TEST_F(FileTest, WritesThroughALink) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a"), "old"));
  std::filesystem::create_symlink(Path("a"), Path("link"));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("link"), "new"));
  EXPECT_EQ(*ReadFile(Path("a")), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
}

TEST_F(FileTest, ChecksRemoveWhatKilledWritersLeft) {
  for (const char* name :
       {"a.tmp.99999991", "a.tmp.99999999", "b.tmp.99999991", "a.tmp.x"}) {
    LENSLET_ASSERT_OK(WriteFileAtomically(Path(name), "half"));
  }
  // Somebody still writes this one.
  const int file = open(Path("a.tmp.99999999").c_str(), O_RDONLY);
  ASSERT_EQ(flock(file, LOCK_EX), 0);
  LENSLET_EXPECT_OK(CheckWritable(Path("a")));
  EXPECT_FALSE(std::filesystem::exists(Path("a.tmp.99999991")));
  EXPECT_TRUE(std::filesystem::exists(Path("a.tmp.99999999")));
  EXPECT_TRUE(std::filesystem::exists(Path("b.tmp.99999991")));
  EXPECT_TRUE(std::filesystem::exists(Path("a.tmp.x")));
  close(file);
  LENSLET_EXPECT_OK(CheckWritable(Path("a")));
  EXPECT_FALSE(std::filesystem::exists(Path("a.tmp.99999999")));
}

TEST(LinkFileAtomicallyTest, GivesASecondName) {
  const std::string folder = EmptyTempFolder("link_test");
  const std::string a = folder + "/a";
  const std::string b = folder + "/b";
  LENSLET_ASSERT_OK(WriteFileAtomically(a, "new"));
  LENSLET_ASSERT_OK(WriteFileAtomically(b, "old"));
  LENSLET_EXPECT_OK(LinkFileAtomically(a, b));
  LENSLET_EXPECT_OK(LinkFileAtomically(a, b));  // The same file already.
  EXPECT_EQ(*ReadFile(b), "new");
  // A write to one name leaves the other.
  LENSLET_ASSERT_OK(WriteFileAtomically(a, "newer"));
  EXPECT_EQ(*ReadFile(b), "new");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    static_cast<void>(entry);
    ++files;
  }
  EXPECT_EQ(files, 2);
}

TEST(LinkFileAtomicallyTest, KeepsWhatWasThereIfThereIsNoSuchFile) {
  const std::string folder = EmptyTempFolder("link_test");
  LENSLET_ASSERT_OK(WriteFileAtomically(folder + "/b", "old"));
  EXPECT_THAT(LinkFileAtomically(folder + "/a", folder + "/b"),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("b")));
  EXPECT_EQ(*ReadFile(folder + "/b"), "old");
}

TEST(RemoveTemporariesTest, RemovesThemAndNothingElse) {
  const std::string folder = EmptyTempFolder("temporaries_test");
  for (const char* name : {"a", "a.tmp.12", "b.tmp.x", "tmp.3", "c.tmp.4"}) {
    LENSLET_ASSERT_OK(WriteFileAtomically(folder + "/" + name, ""));
  }
  LENSLET_EXPECT_OK(RemoveTemporaries(folder));
  EXPECT_TRUE(std::filesystem::exists(folder + "/a"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/b.tmp.x"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/tmp.3"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/a.tmp.12"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/c.tmp.4"));
  EXPECT_THAT(
      RemoveTemporaries(folder + "/none"),
      StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("none")));
}

}  // namespace
}  // namespace lenslet
