// Turns filters and activations of a convolutional network into pictures.

#ifndef LENSLET_INSPECT_FEATURE_MAPS_H_
#define LENSLET_INSPECT_FEATURE_MAPS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// Pictures for ContactSheet() (inspect/contact_sheet.h).
struct FeatureMaps {
  // [n, H, W], or [n, H, W, 3] with colors.
  Tensor maps;
  // Pictures per row if rows have a meaning; otherwise 0.
  int64_t columns = 0;
};

// Returns pictures of a convolution's filters, `weight` [Cout, kernel..., Cin]:
//
//   [Cout, K, Cin]          a picture for each filter, a row of it for each
//                           input channel
//   [Cout, Kh, Kw, Cin]     a row of pictures for each filter, a picture for
//                           each input channel
//   [Cout, Kd, Kh, Kw, Cin] the same, Kd pictures for each input channel
//
// With `colors`, the three channels of [Cout, Kh, Kw, 3] form one picture; use
// it for the first layer of a network for color images. Aborts for fewer than
// 3 dimensions or an empty tensor. Errors: ResourceExhausted.
absl::StatusOr<FeatureMaps> FilterMaps(View<const float> weight,
                                       bool colors = false);

// Returns pictures of a layer's activations for one image. `activations` has no
// dimension of images:
//
//   [n]          n pictures of a single number
//   [L, C]       one picture, a row of it for each channel
//   [H, W, C]    a picture for each channel
//   [D, H, W, C] a row of D pictures for each channel
//
// With `colors`, the three channels of [H, W, 3] form one picture. Aborts for
// no dimensions or an empty tensor. Errors: ResourceExhausted.
absl::StatusOr<FeatureMaps> ActivationMaps(View<const float> activations,
                                           bool colors = false);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_FEATURE_MAPS_H_
