#include "lenslet/ops/testing/guarded_memory.h"

#include <cstdint>
#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The sanitizers end a process in their own way.
constexpr auto kAnyDeath = [](int status) { return status != 0; };

TEST(GuardedMemoryDeathTest, NothingIsTouchedPastTheEnd) {
  SetGuardedEnd(GuardedEnd::kEnd);
  Tensor tensor({100});
  // Elements, bytes that may be read, and what the alignment leaves.
  volatile float* end = tensor.data() + 100 + 16 + 12;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(end) % 4096, 0);
  end[-1] = 1;
  EXPECT_EXIT(end[0] = 1, kAnyDeath, "");
  EXPECT_EXIT(static_cast<void>(end[0]), kAnyDeath, "");
}

TEST(GuardedMemoryDeathTest, NothingIsTouchedBeforeTheBeginning) {
  SetGuardedEnd(GuardedEnd::kBegin);
  Tensor tensor({100});
  SetGuardedEnd(GuardedEnd::kEnd);
  volatile float* begin = tensor.data();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(begin) % 4096, 0);
  begin[0] = 1;
  EXPECT_EXIT(begin[-1] = 1, kAnyDeath, "");
}

TEST(GuardedMemoryDeathTest, WhatIsWrittenBetweenMemoryAndPageIsFoundInTheEnd) {
  SetGuardedEnd(GuardedEnd::kEnd);
  EXPECT_EXIT(
      {
        unsigned char* memory =
            static_cast<unsigned char*>(AllocateGuarded(64, 100));
        memory[100] = 1;
        FreeGuarded(memory);
      },
      kAnyDeath, "broken invariant");
  EXPECT_EXIT(
      {
        unsigned char* memory =
            static_cast<unsigned char*>(AllocateGuarded(64, 100));
        memory[-1] = 1;
        FreeGuarded(memory);
      },
      kAnyDeath, "broken invariant");
}

TEST(GuardedMemoryTest, IsZeroAndLetsOtherMemoryAlone) {
  unsigned char* memory = static_cast<unsigned char*>(AllocateGuarded(64, 100));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(memory[i], 0);
  EXPECT_TRUE(FreeGuarded(memory));
  int other;
  EXPECT_FALSE(FreeGuarded(&other));
}

}  // namespace
}  // namespace lenslet
