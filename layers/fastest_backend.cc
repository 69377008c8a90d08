#include "layers/fastest_backend.h"

namespace lenslet {

Backend FastestForInference(int64_t images) {
  // Lanes take as long for one image as for sixteen.
  constexpr int64_t kLanesPayFrom = 6;
  return images >= kLanesPayFrom ? Backend::kLanes : Backend::kXnnpack;
}

}  // namespace lenslet
