#include "lenslet/inspect/feature_maps.h"

#include <algorithm>

#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// Each of the `outer` parts of `from`, [positions, channels], becomes
// [channels, positions]; all of it is put into `shape`.
absl::StatusOr<Tensor> ChannelsFirst(View<const float> from, int64_t outer,
                                     int64_t channels, const Shape& shape) {
  LENSLET_ASSIGN_OR_RETURN(Tensor to,
                           Tensor::Create(ElementType::kFloat32, shape));
  const int64_t positions = from.size() / (outer * channels);
  float* out = to.data();
  for (int64_t o = 0; o < outer; ++o) {
    const float* in = from.data() + o * positions * channels;
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t p = 0; p < positions; ++p) *out++ = in[p * channels + c];
    }
  }
  return to;
}

absl::StatusOr<Tensor> Copy(View<const float> from, const Shape& shape) {
  return ChannelsFirst(from, /*outer=*/1, /*channels=*/1, shape);
}

}  // namespace

absl::StatusOr<FeatureMaps> FilterMaps(View<const float> weight, bool colors) {
  const Shape& shape = weight.shape();
  const int rank = shape.rank();
  LENSLET_CHECK(rank >= 3 && weight.size() > 0);
  const int64_t filters = shape.dim(0);
  const int64_t channels = shape.dim(rank - 1);
  const int64_t width = shape.dim(rank - 2);
  FeatureMaps result;
  if (rank == 3) {
    LENSLET_ASSIGN_OR_RETURN(
        result.maps,
        ChannelsFirst(weight, filters, channels, {filters, channels, width}));
  } else if (rank == 4 && channels == 3 && colors) {
    LENSLET_ASSIGN_OR_RETURN(result.maps, Copy(weight, shape));
  } else {
    const int64_t height = shape.dim(rank - 3);
    const int64_t pictures = weight.size() / (height * width);
    LENSLET_ASSIGN_OR_RETURN(
        result.maps,
        ChannelsFirst(weight, filters, channels, {pictures, height, width}));
    if (pictures > filters) result.columns = pictures / filters;
  }
  return result;
}

absl::StatusOr<FeatureMaps> ActivationMaps(View<const float> activations,
                                           bool colors) {
  const Shape& shape = activations.shape();
  const int rank = shape.rank();
  LENSLET_CHECK(rank >= 1 && activations.size() > 0);
  const int64_t channels = shape.dim(rank - 1);
  FeatureMaps result;
  if (rank == 1) {
    LENSLET_ASSIGN_OR_RETURN(result.maps, Copy(activations, {channels, 1, 1}));
    return result;
  }
  const int64_t width = shape.dim(rank - 2);
  const int64_t height = rank == 2 ? channels : shape.dim(rank - 3);
  if (rank == 3 && channels == 3 && colors) {
    LENSLET_ASSIGN_OR_RETURN(result.maps,
                             Copy(activations, {1, height, width, channels}));
    return result;
  }
  const int64_t pictures = activations.size() / (height * width);
  LENSLET_ASSIGN_OR_RETURN(result.maps,
                           ChannelsFirst(activations, /*outer=*/1, channels,
                                         {pictures, height, width}));
  if (rank > 3 && pictures > channels) result.columns = pictures / channels;
  return result;
}

}  // namespace lenslet
