// A copy of an image with zeros around it, for kernels of single images.

#ifndef LENSLET_OPS_CONV_CONV_PADDED_IMAGE_H_
#define LENSLET_OPS_CONV_CONV_PADDED_IMAGE_H_

#include "absl/status/status.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

class ConvPaddedImage {
 public:
  explicit ConvPaddedImage(const ConvGeometry& geometry);

  const Axes& size() const { return size_; }

  // Errors: ResourceExhausted.
  absl::Status Allocate();

  // Returns the padded image, [size(), input_channels], until the next call; x
  // itself if there is no padding. Call Allocate() first.
  const float* Of(const float* x);

 private:
  const Axes input_;
  const Axes before_;
  const int64_t channels_;
  const Axes size_;
  Tensor copy_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_PADDED_IMAGE_H_
