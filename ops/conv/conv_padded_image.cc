#include "lenslet/ops/conv/conv_padded_image.h"

#include <algorithm>
#include <cstdint>

#include "lenslet/base/status_macros.h"

namespace lenslet {

ConvPaddedImage::ConvPaddedImage(const ConvGeometry& geometry)
    : input_(geometry.input),
      before_(geometry.window.padding.before),
      channels_(geometry.input_channels),
      size_(PaddedInput(geometry)) {}

absl::Status ConvPaddedImage::Allocate() {
  if (size_ == input_) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      Shape::Create({size_[0], size_[1], size_[2], channels_}));
  LENSLET_ASSIGN_OR_RETURN(copy_, Tensor::Create(ElementType::kFloat32, shape));
  return absl::OkStatus();
}

// The padding itself is zero from the start.
const float* ConvPaddedImage::Of(const float* x) {
  if (size_ == input_) return x;
  const int64_t row = input_[2] * channels_;
  for (int64_t d = 0; d < input_[0]; ++d) {
    for (int64_t h = 0; h < input_[1]; ++h) {
      const int64_t to =
          ((d + before_[0]) * size_[1] + h + before_[1]) * size_[2] +
          before_[2];
      std::copy_n(x, row, copy_.data() + to * channels_);
      x += row;
    }
  }
  return copy_.data();
}

}  // namespace lenslet
