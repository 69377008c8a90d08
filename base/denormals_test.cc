#include "lenslet/base/denormals.h"

#include <limits>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

float Half(float x) {
  volatile float y = x;
  return y * 0.5f;
}

TEST(FlushDenormalsTest, HoldsForItsScope) {
  const float smallest = std::numeric_limits<float>::min();
  EXPECT_GT(Half(smallest), 0.0f);
  {
    FlushDenormals flush;
#if defined(__SSE__) || defined(__aarch64__)
    EXPECT_EQ(Half(smallest), 0.0f);
#endif
  }
  EXPECT_GT(Half(smallest), 0.0f);
}

}  // namespace
}  // namespace lenslet
