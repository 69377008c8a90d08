#include "lenslet/base/machine.h"

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

}  // namespace
}  // namespace lenslet
