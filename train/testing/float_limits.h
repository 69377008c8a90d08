// Numbers at the end of what a float holds, for tests.

#ifndef LENSLET_TRAIN_TESTING_FLOAT_LIMITS_H_
#define LENSLET_TRAIN_TESTING_FLOAT_LIMITS_H_

#include <limits>

namespace lenslet {

inline constexpr float kLarge = std::numeric_limits<float>::max();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace lenslet

#endif  // LENSLET_TRAIN_TESTING_FLOAT_LIMITS_H_
