#include "lenslet/ops/concat/concat_pieces.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/concat/concat_pieces.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void WriteRows(absl::Span<const ConcatPiece> pieces, int64_t rows, float* to) {
  const hn::CappedTag<float, 16> d;
  const int64_t lanes = hn::Lanes(d);
  int64_t row_size = 0;
  for (const ConcatPiece& piece : pieces) row_size += piece.size;
  const float* const end = to + rows * row_size;
  for (int64_t row = 0; row < rows; ++row) {
    for (const ConcatPiece& piece : pieces) {
      const float* HWY_RESTRICT from = piece.from + row * piece.size;
      // A piece's last vector may reach into the next one, which is written
      // later.
      for (int64_t i = 0; i < piece.size; i += lanes) {
        StoreWhereRoom(d, end - (to + i), hn::LoadU(d, from + i), to + i);
      }
      to += piece.size;
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(WriteRows);

void WriteConcatRows(absl::Span<const ConcatPiece> pieces, int64_t rows,
                     float* to) {
  HWY_DYNAMIC_DISPATCH(WriteRows)(pieces, rows, to);
}

}  // namespace lenslet
#endif  // HWY_ONCE
