// Copies of images with padding around them, and the way back for gradients, in
// either layout.

#ifndef LENSLET_OPS_PAD_PAD_COPY_H_
#define LENSLET_OPS_PAD_PAD_COPY_H_

#include <cstdint>

#include "lenslet/ops/pad/pad.h"

namespace lenslet {

// A position has `position_floats` numbers: an image's channels, or kLanes
// times as many in lanes, where a group is what an image is below.
class PadCopy {
 public:
  PadCopy(const PadGeometry& geometry, int64_t position_floats)
      : g_(geometry), position_(position_floats) {}

  // Floats of an image without and with padding.
  int64_t input_floats() const { return Floats(g_.input); }
  int64_t output_floats() const { return Floats(g_.output); }

  // Writes y, `count` padded images, from x, as many images. They may not
  // overlap.
  void Forward(int64_t count, const float* x, float* y) const;

  // Writes dx from dy. The parts of a sum are added in row-major order, after
  // the position's own.
  void Backward(int64_t count, const float* dy, float* dx) const;

 private:
  int64_t Floats(const Axes& size) const { return Volume(size) * position_; }
  // Where the first position of a row of the input is that row (d, h) of the
  // output holds copies of; -1 if it holds zeros.
  int64_t SourceRow(int64_t d, int64_t h) const;
  bool IsOwnRow(int64_t d, int64_t h) const;
  void PadRow(const float* x, float* y) const;
  void AddRow(const float* dy, bool with_own, float* dx) const;

  PadGeometry g_;
  int64_t position_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_COPY_H_
