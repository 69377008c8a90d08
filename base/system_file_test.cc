#include "lenslet/base/system_file.h"

#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(ReadSystemFileTest, ReadsAFileWithoutASize) {
  // "PID (NAME) STATE ..."
  const std::string stat = ReadSystemFile("/proc/self/stat");
  EXPECT_EQ(stat.substr(0, stat.find(' ')), std::to_string(getpid()));
  EXPECT_EQ(stat.back(), '\n');
}

TEST(ReadSystemFileTest, IsEmptyForWhatCannotBeRead) {
  EXPECT_EQ(ReadSystemFile("/proc/no/such/file"), "");
  EXPECT_EQ(ReadSystemFile("/proc"), "");
}

}  // namespace
}  // namespace lenslet
