// What layers over spatial dimensions share.

#ifndef LENSLET_LAYERS_SPATIAL_H_
#define LENSLET_LAYERS_SPATIAL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/axes.h"
#include "lenslet/tensor/shape.h"

namespace lenslet::layers {

// For a layer of type `type` over `rank` spatial dimensions. Errors:
// InvalidArgument for a kernel with another number of sizes, or an image that
// is not that many dimensions and channels.
absl::Status CheckDimensions(absl::string_view type, int rank,
                             const Axes& kernel, const Shape& image);

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_SPATIAL_H_
