#include "lenslet/ops/transposed_product.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// a = (1 2), (3 4); b = (10 20), (30 40); c starts as 1000.
TEST(TransposedProductTest, ByHand) {
  const float a[] = {1, 2, 3, 4};
  const float b[] = {10, 20, 30, 40};
  Tensor c = Tensor::Of({2, 2}, {1000, 1000, 1000, 1000});
  AddTransposedProduct(1, 2, 2, 2, {a, 0, 2}, {b, 0, 2}, c.data(), 2);
  LENSLET_EXPECT_OK(AllClose(c, Tensor::Of({2, 2}, {1100, 1140, 1140, 1200})));
}

// Every width up to and past some vectors, with strides that leave gaps, which
// must stay as they were.
TEST(TransposedProductTest, AnySizeAndStride) {
  for (int64_t m : {1, 3, 4, 6, 9}) {
    for (int64_t n = 1; n <= 70; ++n) {
      const int64_t groups = 3, rows = 5;
      Tensor a({groups * (rows * (m + 1) + 2)});
      Tensor b({groups * (rows * (n + 2) + 1)});
      Tensor c({m, n + 3});
      Random random(1);
      FillUniform(-1, 1, random, a.span());
      FillUniform(-1, 1, random, b.span());
      FillUniform(-1, 1, random, c.span());
      Tensor expected = c.Clone();
      for (int64_t i = 0; i < m; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (int64_t g = 0; g < groups; ++g) {
            for (int64_t r = 0; r < rows; ++r) {
              sum += static_cast<double>(
                         a.data()[g * (rows * (m + 1) + 2) + r * (m + 1) + i]) *
                     b.data()[g * (rows * (n + 2) + 1) + r * (n + 2) + j];
            }
          }
          expected.view().at({i, j}) += static_cast<float>(sum);
        }
      }
      AddTransposedProduct(
          groups, rows, m, n, {a.data(), rows * (m + 1) + 2, m + 1},
          {b.data(), rows * (n + 2) + 1, n + 2}, c.data(), n + 3);
      // 15 terms of at most 1: 4 sqrt(15) roundings of 15 / 4.
      LENSLET_ASSERT_OK(
          AllClose(c, expected, {.absolute = std::sqrt(15.0) * 15 * 0x1p-24}))
          << m << " x " << n;
    }
  }
}

TEST(TransposedProductTest, RowsMayOverlap) {
  // Rows of b are (1 2), (2 3), (3 4).
  const float a[] = {1, 1, 1};
  const float b[] = {1, 2, 3, 4};
  Tensor c({1, 2});
  AddTransposedProduct(1, 3, 1, 2, {a, 0, 1}, {b, 0, 1}, c.data(), 2);
  LENSLET_EXPECT_OK(AllClose(c, Tensor::Of({1, 2}, {6, 9})));
}

}  // namespace
}  // namespace lenslet
