#include "lenslet/base/standard_streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

// In a process that EXPECT_EXIT() makes, with the streams as a test wants them.

bool IsNullDevice(int descriptor) {
  struct stat info;
  struct stat null;
  return fstat(descriptor, &info) == 0 && stat("/dev/null", &null) == 0 &&
         info.st_rdev == null.st_rdev;
}

void ExitWithStreamsOpened() {
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  OpenStandardStreams();
  // A file that is opened now takes the place of no stream.
  const int file = open("/proc/self/stat", O_RDONLY);
  char byte;
  if (read(STDIN_FILENO, &byte, 1) != -1) _exit(2);
  _exit(IsNullDevice(STDIN_FILENO) && IsNullDevice(STDOUT_FILENO) &&
                !IsNullDevice(STDERR_FILENO) && file > STDERR_FILENO
            ? 0
            : 1);
}

TEST(StandardStreamsTest, OpensThoseThatAreClosed) {
  EXPECT_EXIT(ExitWithStreamsOpened(), ::testing::ExitedWithCode(0), "");
}

// Exits with 7 and the error on standard error, or with 0.
void ExitAfterPrintingTo(const char* path, bool flush_before) {
  dup2(open(path, O_WRONLY), STDOUT_FILENO);
  std::printf("something");
  if (flush_before) std::fflush(stdout);
  const absl::Status status = FlushStandardOutput();
  std::fprintf(stderr, "%s", std::string(status.message()).c_str());
  _exit(status.ok() ? 0 : 7);
}

TEST(StandardStreamsTest, NoticesWhatCannotBeWritten) {
  EXPECT_EXIT(ExitAfterPrintingTo("/dev/null", false),
              ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(ExitAfterPrintingTo("/dev/full", false),
              ::testing::ExitedWithCode(7),
              "standard output: No space left on device");
  // The last flush has nothing to write.
  EXPECT_EXIT(ExitAfterPrintingTo("/dev/full", true),
              ::testing::ExitedWithCode(7), "standard output: ");
}

}  // namespace
}  // namespace lenslet
