// The size of the blocks of sums that stay in registers.

#ifndef LENSLET_OPS_LANES_TILE_SIZE_H_
#define LENSLET_OPS_LANES_TILE_SIZE_H_

namespace lenslet {

// Rows share a number or vector that is multiplied with one of each column: of
// weighted sums, rows are outputs and columns positions; of product sums, rows
// are those of a and columns those of b.
struct TileSize {
  int rows = 1;
  int columns = 1;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_TILE_SIZE_H_
