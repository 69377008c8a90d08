#include "lenslet/tensor/transpose.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Sides below, at and above each tile's, in memory with gaps, which must stay
// as they were.
TEST(TransposeTest, AnySizeAndStride) {
  for (int64_t rows = 1; rows <= 40; ++rows) {
    for (int64_t columns = 1; columns <= 40; ++columns) {
      Tensor from({rows, columns + 3});
      FillIota(1, from.span());
      Tensor to({columns, rows + 2});
      Tensor expected({columns, rows + 2});
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < columns; ++j) {
          expected.view().at({j, i}) = from.view().at({i, j});
        }
      }
      Transpose(rows, columns, from.data(), columns + 3, to.data(), rows + 2);
      LENSLET_ASSERT_OK(AllClose(to, expected, {})) << rows << " x " << columns;
    }
  }
}

}  // namespace
}  // namespace lenslet
