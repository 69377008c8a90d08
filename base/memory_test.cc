#include "lenslet/base/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(MemoryTest, KnowsWhatNoMachineHas) {
  LENSLET_EXPECT_OK(CheckMemory(0, "nothing"));
  LENSLET_EXPECT_OK(CheckMemory(1 << 20, "a little"));
  EXPECT_THAT(CheckMemory(int64_t{1} << 60, "an ocean"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       ::testing::StartsWith("not enough memory for an ocean: "
                                             "1099511627776 MiB")));
}

TEST(MemoryTest, CountsWhatTheProcessUses) {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const int64_t used = pages * sysconf(_SC_PAGESIZE);
  constexpr int64_t kFree = 64 << 20;
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = used + kFree;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  const absl::Status fits = CheckMemory(kFree / 2, "half of it");
  const absl::Status status = CheckMemory(2 * kFree, "twice of it");
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  LENSLET_EXPECT_OK(fits);
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kResourceExhausted,
               ::testing::MatchesRegex(
                   "not enough memory for twice of it: 128 MiB; the limit of "
                   "address space allows [0-9]+ MiB, of which [0-9]+ MiB are "
                   "in use")));
}

TEST(MemoryTest, JudgesTheSumOfAllParts) {
  const int64_t much = int64_t{1} << 52;
  LENSLET_EXPECT_OK(CheckMemory({{"data", 1 << 20}, {"more", 0}}, "the run"));
  EXPECT_THAT(
      CheckMemory({{"data", much},
                   {"crumbs", 1},
                   {"blocks", 2 * much},
                   {"gradients", 1 << 21}},
                  "the run"),
      StatusIs(absl::StatusCode::kResourceExhausted,
               ::testing::MatchesRegex(
                   "not enough memory for the run: 12884901890 MiB; .* MiB; "
                   "the largest parts: blocks 8589934592 MiB, data 4294967296 "
                   "MiB, gradients 2 MiB")));
  EXPECT_THAT(CheckMemory({{"a", std::numeric_limits<int64_t>::max()},
                           {"b", std::numeric_limits<int64_t>::max()}},
                          "the run"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("MiB")));
}

TEST(MemoryTest, SizesDoNotOverflow) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(MultiplySizes(3, 4), 12);
  EXPECT_EQ(MultiplySizes(most / 2, 3), most);
  EXPECT_EQ(AddSizes(3, 4), 7);
  EXPECT_EQ(AddSizes(most, 1), most);
}

class ControlGroupTest : public ::testing::Test {
 protected:
  ControlGroupTest() : mount_(EmptyTempFolder("control_group_test")) {}

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = mount_ + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    LENSLET_ASSERT_OK(WriteFileAtomically(file, text));
  }

  const std::string mount_;
  const int64_t none_ = std::numeric_limits<int64_t>::max();
};

TEST_F(ControlGroupTest, ReadsVersion2AndTheGroupsAbove) {
  Write("memory.max", "max\n");
  Write("a/memory.max", "3000\n");
  Write("a/b/memory.max", "5000\n");
  EXPECT_EQ(ControlGroupLimit("0::/a/b\n", mount_), 3000);
  EXPECT_EQ(ControlGroupLimit("0::/\n", mount_), none_);
  // Of the host, seen from a container whose own group is the root.
  Write("memory.max", "2000\n");
  EXPECT_EQ(ControlGroupLimit("0::/system.slice/docker-1.scope\n", mount_),
            2000);
}

TEST_F(ControlGroupTest, ReadsVersion1) {
  Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  Write("memory/docker/1/memory.limit_in_bytes", "4000\n");
  EXPECT_EQ(ControlGroupLimit(
                "5:cpu,memory:/docker/1\n3:pids:/docker/1\n0::/\n", mount_),
            4000);
  EXPECT_EQ(ControlGroupLimit("5:memory:/\n", mount_), none_);
}

TEST_F(ControlGroupTest, TakesNonsenseForNoLimit) {
  Write("memory.max", "many\n");
  EXPECT_EQ(ControlGroupLimit("0::/\nx\n::\n", mount_), none_);
  EXPECT_EQ(ControlGroupLimit("", mount_), none_);
}

}  // namespace
}  // namespace lenslet
