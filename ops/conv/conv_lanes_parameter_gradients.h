// The gradients of a convolution in lanes with respect to its filter and bias:
// sums of products over output positions.

#ifndef LENSLET_OPS_CONV_CONV_LANES_PARAMETER_GRADIENTS_H_
#define LENSLET_OPS_CONV_CONV_LANES_PARAMETER_GRADIENTS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/ops/conv/conv_lanes_filter_gradient.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/conv/conv_lanes_winograd_filter_gradient.h"
#include "lenslet/ops/lanes/product_sums.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// For each block, call Start(). Then for each of its groups, call AddRows()
// from the first output row to the last, and AddGroup(). Then call Finish().
class ConvLanesParameterGradients {
 public:
  // `exact`: whether the filter's gradient must be sums of products.
  ConvLanesParameterGradients(const ConvLanesShape& shape, bool exact);

  // Errors: ResourceExhausted.
  absl::Status Allocate();

  // Whether AddRows() and AddGroup() read the group's padded input. Else they
  // read the input itself.
  bool ReadsPaddedInput() const { return !winograd_.has_value(); }

  // The size of the memory that is used as scratch from Start() to Finish().
  int64_t ScratchFloats() const {
    return winograd_ ? winograd_->ScratchFloats() : 0;
  }

  // The best number of rows for a call of AddRows(), among the multiples of
  // `window_rows`, which divides the number of output rows. The gradients are
  // the same for all `window_rows`.
  int64_t RowsAtOnce(int64_t window_rows) const;

  // Whether AddGroup() needs the gradients of all of a group's rows. True for
  // filters whose gradient stays in the lanes and is so large that its sums
  // would not stay in the L2 cache if computed some rows at a time.
  bool NeedsWholeGroups() const;

  // `gradients` are the arrays that Backward() adds to: filter and, if there is
  // one, bias. They must stay valid until Finish(), and so must `scratch`; what
  // it holds, only from the first AddRows() of a group to its AddGroup().
  void Start(absl::Span<float* const> gradients, float* scratch);

  // Adds output rows (d, h) to (d, h + rows - 1), whose gradient is dz. x is
  // the group's input, padded if ReadsPaddedInput().
  void AddRows(int64_t d, int64_t h, int64_t rows, const float* x,
               const float* dz);

  // Completes a group. dz must hold all its rows if NeedsWholeGroups().
  void AddGroup(const float* x, const float* dz);

  // Adds the remaining sums to the gradients.
  void Finish();

 private:
  struct OutputRows {
    int64_t d;
    int64_t h;
    int64_t rows;
  };
  // The i-th run of the filter's row (kd, kh).
  struct RunPlace {
    int64_t kd;
    int64_t kh;
    int64_t i;
  };

  // Rows for sums in lanes, which any number of rows leaves the same.
  int64_t CachedRows() const;

  // Calls body(run, place) for each run of the filter.
  template <typename Body>
  void ForEachRun(Body body) const;

  // The output rows whose tap is not on padding.
  OutputRows InsideRows(const RunPlace& place, const OutputRows& outputs) const;

  // The row of the padded input that a run reads for the first output row.
  int64_t InputRow(const RunPlace& place, const OutputRows& outputs) const;

  // For large filters: copies that let a tile of sums read memory sequentially.
  // In the original arrays, vectors lie a power of two apart and evict each
  // other from the caches.

  // Packs a group's dz: [tile of channels][position][channel].
  void PackGradient(const float* dz);
  // Packs vectors [j, j + vectors) of the i-th run of a row, at all positions
  // that outputs read: [row of the padded input][output along it][vector].
  void PackInput(int64_t i, int64_t j, int64_t vectors, const float* x);
  // Adds the gradients of the filter's numbers for these vectors.
  void AddPackedTiles(const RunPlace& place, int64_t j, int64_t vectors);

  // Whether image_sums_ or winograd_ make the filter's gradient.
  bool LeavesLanes() const {
    return image_sums_.has_value() || winograd_.has_value();
  }

  const ConvLanesShape s_;
  const TileSize tile_;
  std::optional<ConvLanesFilterGradient> image_sums_;
  std::optional<ConvLanesWinogradFilterGradient> winograd_;
  // Null where not wanted.
  float* filter_gradient_ = nullptr;
  float* bias_gradient_ = nullptr;
  float* scratch_ = nullptr;
  bool first_ = true;  // No sums of the block have been computed yet.
  // Sums in vectors whose lanes have yet to be added up.
  Tensor filter_sums_;
  Tensor bias_sums_;
  Tensor packed_dz_;
  Tensor packed_x_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_PARAMETER_GRADIENTS_H_
