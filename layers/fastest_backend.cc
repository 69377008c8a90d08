#include "layers/fastest_backend.h"

namespace lenslet {

Backend FastestForInference(int64_t images) {
  // Lanes take as long for one image as for sixteen: as direct kernels take for
  // eleven.
  constexpr int64_t kLanesPayFrom = 11;
  return images >= kLanesPayFrom ? Backend::kLanes : Backend::kDirect;
}

}  // namespace lenslet
