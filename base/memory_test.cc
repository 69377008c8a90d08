#include "base/memory.h"

#include <cstdint>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(MemoryTest, KnowsWhatNoMachineHas) {
  LENSLET_EXPECT_OK(CheckMemory(0, "nothing"));
  LENSLET_EXPECT_OK(CheckMemory(1 << 20, "a little"));
  EXPECT_THAT(CheckMemory(int64_t{1} << 60, "an ocean"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       ::testing::StartsWith("not enough memory for an ocean: "
                                             "1099511627776 MiB")));
}

}  // namespace
}  // namespace lenslet
