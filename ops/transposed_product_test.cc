#include "lenslet/ops/transposed_product.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void Add(const TransposedProduct& p) {
  AddTransposedProduct(p, ChooseTransposedProductTile(p.m, p.n));
}

// a = (1 2), (3 4); b = (10 20), (30 40); c starts as 1000.
TEST(TransposedProductTest, ByHand) {
  const float a[] = {1, 2, 3, 4};
  const Tensor b = Tensor::Of({4}, {10, 20, 30, 40});
  Tensor c = Tensor::Of({2, 2}, {1000, 1000, 1000, 1000});
  Add({.rows = 2,
       .m = 2,
       .n = 2,
       .a = {.data = a, .row_stride = 2},
       .b = {.data = b.data(), .row_stride = 2},
       .c = c.data(),
       .c_stride = 2});
  LENSLET_EXPECT_OK(AllClose(c, Tensor::Of({2, 2}, {1100, 1140, 1140, 1200})));
}

// Every width up to and past some vectors, with strides that leave gaps, which
// must stay as they were. All instruction sets with fused multiply-adds compute
// the same bits.
TEST(TransposedProductTest, AnySizeAndStride) {
  const int64_t blocks = 2, groups = 3, rows = 5;
  for (int64_t m : {1, 3, 4, 6, 9, 13, 25}) {
    for (int64_t n = 1; n <= 140; n += n < 70 ? 1 : 7) {
      SCOPED_TRACE(absl::StrCat(m, " x ", n));
      const int64_t a_row = m + 1, a_group = rows * a_row + 2;
      const int64_t b_row = n + 2, b_group = rows * b_row + 1;
      const int64_t a_block = groups * a_group + 3;
      const int64_t b_block = groups * b_group + 1;
      Tensor a({blocks * a_block});
      Tensor b({blocks * b_block});
      Tensor start({m, n + 3});
      Random random(1);
      for (Tensor* tensor : {&a, &b, &start}) {
        FillUniform(-1, 1, random, tensor->span());
      }
      Tensor expected = start.Clone();
      for (int64_t i = 0; i < m; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (int64_t f = 0; f < blocks; ++f) {
            for (int64_t g = 0; g < groups; ++g) {
              for (int64_t r = 0; r < rows; ++r) {
                sum +=
                    static_cast<double>(
                        a.data()[f * a_block + g * a_group + r * a_row + i]) *
                    b.data()[f * b_block + g * b_group + r * b_row + j];
              }
            }
          }
          expected.view().at({i, j}) += static_cast<float>(sum);
        }
      }
      std::optional<Tensor> fused;
      ForEachInstructionSet([&](const std::string& name) {
        SCOPED_TRACE(name);
        Tensor c = start.Clone();
        Add({.blocks = blocks,
             .groups = groups,
             .rows = rows,
             .m = m,
             .n = n,
             .a = {a.data(), a_block, a_group, a_row},
             .b = {b.data(), b_block, b_group, b_row},
             .c = c.data(),
             .c_stride = n + 3});
        // 30 terms of at most 1: 4 sqrt(30) roundings of 30 / 4.
        LENSLET_ASSERT_OK(AllClose(
            c, expected, {.absolute = std::sqrt(30.0) * 30 * 0x1p-24}));
        Tensor overwritten = start.Clone();
        TransposedProduct product = {.blocks = blocks,
                                     .groups = groups,
                                     .rows = rows,
                                     .m = m,
                                     .n = n,
                                     .a = {a.data(), a_block, a_group, a_row},
                                     .b = {b.data(), b_block, b_group, b_row},
                                     .c = overwritten.data(),
                                     .c_stride = n + 3,
                                     .overwrite = true};
        Add(product);
        Tensor sum = start.Clone();
        for (int64_t i = 0; i < m; ++i) {
          std::fill_n(sum.data() + i * (n + 3), n, 0.0f);
        }
        product.c = sum.data();
        product.overwrite = false;
        Add(product);
        LENSLET_ASSERT_OK(AllClose(overwritten, sum, {}));
        if (!HasFusedMultiplyAdd(name)) return;
        if (!fused) fused = c.Clone();
        LENSLET_ASSERT_OK(AllClose(c, *fused, {}));
      });
    }
  }
}

TEST(TransposedProductTest, RowsMayOverlap) {
  // Rows of b are (1 2), (2 3), (3 4).
  const float a[] = {1, 1, 1};
  const Tensor b = Tensor::Of({4}, {1, 2, 3, 4});
  Tensor c({1, 2});
  Add({.rows = 3,
       .m = 1,
       .n = 2,
       .a = {.data = a, .row_stride = 1},
       .b = {.data = b.data(), .row_stride = 1},
       .c = c.data(),
       .c_stride = 2});
  LENSLET_EXPECT_OK(AllClose(c, Tensor::Of({1, 2}, {6, 9})));
}

}  // namespace
}  // namespace lenslet
