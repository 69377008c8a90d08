// The size of a tile: a block of sums that stay in registers.

#ifndef LENSLET_OPS_LANES_TILE_SIZE_H_
#define LENSLET_OPS_LANES_TILE_SIZE_H_

namespace lenslet {

// The sums of a row share an operand, which is multiplied by one operand of
// each column. In weighted sums, rows are outputs and columns are positions. In
// product sums, rows are vectors of a and columns are vectors of b.
struct TileSize {
  int rows = 1;
  int columns = 1;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_TILE_SIZE_H_
