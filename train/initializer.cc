#include "lenslet/train/initializer.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/random.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

void FillWeight(const Initializer& initializer, const ParameterInfo& info,
                Random& random, absl::Span<float> values) {
  const double fan_in = static_cast<double>(info.fan_in);
  const double fans = fan_in + info.fan_out;
  switch (initializer.kind) {
    case InitializerKind::kXavierUniform: {
      const double bound = std::sqrt(6 / fans);
      FillUniform(-bound, bound, random, values);
      break;
    }
    case InitializerKind::kXavierNormal:
      FillNormal(0, std::sqrt(2 / fans), random, values);
      break;
    case InitializerKind::kKaimingUniform: {
      const double bound = std::sqrt(6 / fan_in);
      FillUniform(-bound, bound, random, values);
      break;
    }
    case InitializerKind::kKaimingNormal:
      FillNormal(0, std::sqrt(2 / fan_in), random, values);
      break;
    case InitializerKind::kLeCunUniform: {
      const double bound = std::sqrt(3 / fan_in);
      FillUniform(-bound, bound, random, values);
      break;
    }
    case InitializerKind::kLeCunNormal:
      FillNormal(0, std::sqrt(1 / fan_in), random, values);
      break;
    case InitializerKind::kUniform:
      FillUniform(-initializer.scale, initializer.scale, random, values);
      break;
    case InitializerKind::kNormal:
      FillNormal(0, initializer.scale, random, values);
      break;
    case InitializerKind::kConstant:
      std::fill(values.begin(), values.end(),
                static_cast<float>(initializer.scale));
      break;
  }
}

}  // namespace

void InitializeParameters(const Initializer& initializer, uint64_t seed,
                          Parameters& parameters) {
  for (int i = 0; i < parameters.size(); ++i) {
    const absl::Span<float> values = parameters.view(i).span();
    const ParameterInfo& info = parameters.info(i).info;
    switch (info.role) {
      case ParameterRole::kWeight: {
        Random random(seed, /*stream=*/i);
        FillWeight(initializer, info, random, values);
        break;
      }
      case ParameterRole::kBias:
      case ParameterRole::kRunningMean:
        std::fill(values.begin(), values.end(), 0.0f);
        break;
      case ParameterRole::kScale:
      case ParameterRole::kRunningVariance:
        std::fill(values.begin(), values.end(), 1.0f);
        break;
    }
  }
}

}  // namespace lenslet
