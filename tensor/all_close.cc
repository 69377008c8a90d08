#include "lenslet/tensor/all_close.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace lenslet {
namespace {

std::string IndexText(int64_t offset, const Shape& shape) {
  std::vector<int64_t> index(shape.rank());
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index[axis] = offset % shape.dim(axis);
    offset /= shape.dim(axis);
  }
  return absl::StrCat("[", absl::StrJoin(index, ", "), "]");
}

}  // namespace

absl::Status AllClose(View<const float> actual, View<const float> expected,
                      Tolerance tolerance) {
  if (actual.shape() != expected.shape()) {
    return absl::OutOfRangeError(
        absl::StrCat("shape ", actual.shape().ToString(), "; expected ",
                     expected.shape().ToString()));
  }
  int64_t far = 0;
  int64_t worst = 0;
  double worst_excess = 0;
  for (int64_t i = 0; i < actual.size(); ++i) {
    const double a = actual[i];
    const double e = expected[i];
    if (a == e) continue;
    double excess = std::abs(a - e) -
                    (tolerance.absolute + tolerance.relative * std::abs(e));
    if (excess <= 0 && std::isfinite(e)) continue;
    if (!std::isfinite(excess)) {
      excess = std::numeric_limits<double>::infinity();
    }
    if (far == 0 || excess > worst_excess) {
      worst = i;
      worst_excess = excess;
    }
    ++far;
  }
  if (far == 0) return absl::OkStatus();
  const double a = actual[worst];
  const double e = expected[worst];
  return absl::OutOfRangeError(absl::StrFormat(
      "%d of %d elements differ; the worst is %s: %.9g; expected %.9g, a "
      "difference of %.3g where %.3g is allowed",
      far, actual.size(), IndexText(worst, actual.shape()), a, e,
      std::abs(a - e), tolerance.absolute + tolerance.relative * std::abs(e)));
}

absl::Status AllClose(const Tensor& actual, const Tensor& expected,
                      Tolerance tolerance) {
  return AllClose(actual.view<float>(), expected.view<float>(), tolerance);
}

}  // namespace lenslet
