#include "lenslet/ops/bias_gradient.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

// Small whole numbers, whose sums are exact.
TEST(BiasGradientTest, AddsUpColumns) {
  for (int64_t rows : {1, 63, 64, 65, 200}) {
    for (int64_t columns : {1, 15, 16, 17, 40}) {
      std::vector<float> dy(rows * columns);
      for (size_t i = 0; i < dy.size(); ++i) dy[i] = i % 7;
      std::vector<float> db(columns, 3);
      std::vector<float> expected(columns, 3);
      for (size_t i = 0; i < dy.size(); ++i) expected[i % columns] += dy[i];
      AddBiasGradient(rows, columns, dy.data(), db.data());
      EXPECT_EQ(db, expected) << rows << " x " << columns;
    }
  }
}

}  // namespace
}  // namespace lenslet
