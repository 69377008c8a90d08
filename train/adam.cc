#include "train/adam.h"

#include <cmath>

#include "base/check.h"

namespace lenslet {

Adam::Adam(int64_t size, const AdamOptions& options)
    : options_(options), m_(size), v_(size) {}

void Adam::Update(absl::Span<const float> gradients, absl::Span<float> values) {
  LENSLET_CHECK(gradients.size() == m_.size() && values.size() == m_.size());
  decay1_power_ *= options_.decay1;
  decay2_power_ *= options_.decay2;
  const double m_scale = 1 / (1 - decay1_power_);
  const double v_scale = 1 / (1 - decay2_power_);
  for (size_t i = 0; i < values.size(); ++i) {
    const double dw = gradients[i];
    const double m = options_.decay1 * m_[i] + (1 - options_.decay1) * dw;
    const double v = options_.decay2 * v_[i] + (1 - options_.decay2) * dw * dw;
    m_[i] = static_cast<float>(m);
    v_[i] = static_cast<float>(v);
    values[i] -=
        static_cast<float>(options_.learning_rate * m * m_scale /
                           (std::sqrt(v * v_scale) + options_.epsilon));
  }
}

}  // namespace lenslet
