#include "lenslet/ops/cost.h"

#include "absl/strings/str_cat.h"

namespace lenslet {

absl::Status SetBytes(const FloatCounts& floats, Cost& cost) {
  // Four arrays of 2^60 bytes: an int64_t holds their sum.
  constexpr int64_t kMost = int64_t{1} << 58;
  for (int64_t count :
       {floats.input, floats.weight, floats.bias, floats.output}) {
    if (count > kMost) {
      return absl::InvalidArgumentError(absl::StrCat(
          "an array has ", count, " floats; expected at most ", kMost));
    }
  }
  constexpr int64_t kFloat = sizeof(float);
  cost.input_bytes = floats.input * kFloat;
  cost.parameter_bytes = (floats.weight + floats.bias) * kFloat;
  cost.output_bytes = floats.output * kFloat;
  return absl::OkStatus();
}

}  // namespace lenslet
