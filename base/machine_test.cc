#include "lenslet/base/machine.h"

#include <sched.h>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(ValueOfName, FindsTheFirstLineOfThatName) {
  constexpr char kText[] =
      "processor\t: 0\nmodel name\t: AMD EPYC : 7B13\nmodel name\t: other\n";
  EXPECT_EQ(ValueOfName(kText, "model name", ':'), "AMD EPYC : 7B13");
  EXPECT_EQ(ValueOfName(kText, "model", ':'), "");
}

TEST(ValueOfName, LeavesOutQuotes) {
  EXPECT_EQ(ValueOfName("A=1\nPRETTY_NAME=\"Debian 12\"\n", "PRETTY_NAME", '='),
            "Debian 12");
}

TEST(MemoryText, IsInGibibytesFromOneOn) {
  EXPECT_EQ(MemoryText(int64_t{512} << 20), "512 MiB");
  EXPECT_EQ(MemoryText(int64_t{3} << 29), "1.5 GiB");
}

TEST(ThisMachine, HasThreadsMemoryAndACompiler) {
  const Machine machine = ThisMachine();
  EXPECT_GE(machine.threads, 1);
  EXPECT_GT(machine.memory, int64_t{1} << 20);
  EXPECT_NE(machine.compiler, "");
}

TEST(CpuThreads, IsThoseThatTheProcessMayUse) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(CpuThreads(), CPU_COUNT(&before));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(CpuThreads(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
}

}  // namespace
}  // namespace lenslet
