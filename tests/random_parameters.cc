#include "lenslet/tests/random_parameters.h"

#include <cmath>

#include "lenslet/layers/layer.h"

namespace lenslet {

void SetRandom(Random& random, Parameters& parameters) {
  for (int i = 0; i < parameters.size(); ++i) {
    const ParameterInfo& info = parameters.info(i).info;
    const double size = 1 / std::sqrt(static_cast<double>(info.fan_in));
    for (float& value : parameters.view(i).span()) {
      const double uniform = random.Uniform();
      switch (info.role) {
        case ParameterRole::kScale:
        case ParameterRole::kRunningVariance:
          value = static_cast<float>(0.5 + uniform);
          break;
        default:
          value = static_cast<float>((4 * uniform - 2) * size);
      }
    }
  }
}

}  // namespace lenslet
