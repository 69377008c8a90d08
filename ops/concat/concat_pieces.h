// Writes rows that consist of pieces of several arrays.

#ifndef LENSLET_OPS_CONCAT_CONCAT_PIECES_H_
#define LENSLET_OPS_CONCAT_CONCAT_PIECES_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet {

// An array of rows of `size` floats. May be read 64 bytes past its end.
struct ConcatPiece {
  const float* from = nullptr;
  int64_t size = 0;
};

// Row r of `to` becomes row r of each piece's array, one after the other.
// Copies vectors: a call for each short piece would take longer than its
// floats. Does not write past the end of `to`.
void WriteConcatRows(absl::Span<const ConcatPiece> pieces, int64_t rows,
                     float* to);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONCAT_CONCAT_PIECES_H_
