#include "lenslet/inspect/class_colors.h"

#include <cstdlib>

#include "gtest/gtest.h"
#include "lenslet/data/target_kind.h"

namespace lenslet {
namespace {

TEST(ClassColors, TellClassesApart) {
  for (int a = 0; a < 12; ++a) {
    for (int b = kIgnoredClass; b < a; ++b) {
      int distance = 0;
      for (int i = 0; i < 3; ++i) {
        distance += std::abs(ClassColor(a)[i] - ClassColor(b)[i]);
      }
      EXPECT_GE(distance, 40) << a << " and " << b;
    }
  }
}

TEST(ClassColors, AMapHasThemRowByRow) {
  const Tensor image = ClassImage({0, 1, 2, 0, 0, 1}, 2, 3);
  EXPECT_EQ(image.shape(), Shape({2, 3, 3}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(image.data<uint8_t>()[2 * 3 + i], ClassColor(2)[i]);
    EXPECT_EQ(image.data<uint8_t>()[5 * 3 + i], ClassColor(1)[i]);
  }
}

}  // namespace
}  // namespace lenslet
