// Copies images into padded images, and adds gradients of the copies back, in
// either layout.

#ifndef LENSLET_OPS_PAD_PAD_COPY_H_
#define LENSLET_OPS_PAD_PAD_COPY_H_

#include <cstdint>

#include "lenslet/ops/pad/pad.h"

namespace lenslet {

// A position has `position_floats` numbers: an image's channels or, in lanes,
// kLanes times as many. In lanes, read "group" for "image" below.
class PadCopy {
 public:
  PadCopy(const PadGeometry& geometry, int64_t position_floats)
      : g_(geometry), position_(position_floats) {}

  // Floats in an image without and with padding.
  int64_t input_floats() const { return Floats(g_.input); }
  int64_t output_floats() const { return Floats(g_.output); }

  // Pads the `count` images of x and writes them to y. x and y may not overlap.
  void Forward(int64_t count, const float* x, float* y) const;

  // Writes dx from dy. Each sum starts with the position's own gradient and
  // adds those of the copies in row-major order.
  void Backward(int64_t count, const float* dy, float* dx) const;

 private:
  int64_t Floats(const Axes& size) const { return Volume(size) * position_; }
  // The first position of the input row that output row (d, h) copies; -1 if
  // the output row holds zeros.
  int64_t SourceRow(int64_t d, int64_t h) const;
  bool IsOwnRow(int64_t d, int64_t h) const;
  void PadRow(const float* x, float* y) const;
  void AddRow(const float* dy, bool with_own, float* dx) const;

  PadGeometry g_;
  int64_t position_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_COPY_H_
