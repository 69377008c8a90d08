#include "lenslet/bindings/c/check_cpu.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hwy/targets.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(CheckCpuTest, TheLeastTargetMustBeSupported) {
  LENSLET_EXPECT_OK(CheckCpu(HWY_AVX2 | HWY_SSE4 | HWY_SCALAR, HWY_AVX2));
  EXPECT_THAT(CheckCpu(HWY_SSE4 | HWY_SCALAR, HWY_AVX2),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("expected one with AVX2 and FMA")));
}

TEST(CheckCpuTest, EveryCpuPassesWithKernelsForAll) {
  LENSLET_EXPECT_OK(CheckCpu());
}

}  // namespace
}  // namespace lenslet
