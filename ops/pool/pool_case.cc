#include "lenslet/ops/pool/pool_case.h"

#include <algorithm>
#include <utility>

#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

// Numbers that all differ by more than a finite difference moves them, so that
// no step changes which one is the largest.
void FillDistinct(Random& random, double scale, absl::Span<float> values) {
  const int64_t size = values.size();
  const double gap = 4 * kStep * scale;
  for (int64_t i = 0; i < size; ++i) values[i] = (i - size / 2) * gap;
  for (int64_t i = size - 1; i > 0; --i) {
    std::swap(values[i], values[random.Below(i + 1)]);
  }
}

void FillBounded(Random& random, double scale, absl::Span<float> values) {
  const double size = std::min(scale, kLargestPoolInput);
  FillUniform(-size, size, random, values);
}

// The errors of a softmax beyond those of its sums, for inputs in [-size,
// size]. Scores s err by 3 s roundings, weights by that and the 8 of the
// exponential, and probabilities p by twice as much, relative.
struct SoftmaxErrors {
  SoftmaxErrors(double temperature, double size)
      : score(2 * size / temperature),
        probability(2 * (8 + 3 * score)),
        output(probability * 2 * size * kRoundoff),
        gradient(
            (probability * (1 + score) + 2 * 3 * score + probability * score) *
            kRoundoff) {}

  static constexpr double kRoundoff = 0x1p-24;

  double score;  // The largest.
  double probability;
  // An average of numbers that differ by up to 2 * size.
  double output;
  // By one input, for one window: p (1 + s - mean s), where the mean errs as
  // scores and probabilities do.
  double gradient;
};

// How many windows an input is in at most.
int64_t Overlap(const PoolGeometry& g) {
  int64_t windows = 1;
  for (int axis = 0; axis < 3; ++axis) {
    int64_t most = 0;
    for (int64_t i = 0; i < g.input[axis]; ++i) {
      const PoolWindowRange range = WindowsOver(g, axis, i);
      most = std::max(most, range.end - range.begin);
    }
    windows *= most;
  }
  return windows;
}

}  // namespace

KernelCase PoolKernelCase(const std::string& name, const PoolSpec& spec,
                          const Shape& image, int64_t images) {
  const PoolGeometry geometry = *Resolve(spec, image);
  const int64_t windows = Overlap(geometry);
  int64_t taps = 1;
  for (const int64_t size : MostTaps(geometry)) taps *= size;
  KernelCase c = {.name = name,
                  .make =
                      [spec, image](Backend backend, int64_t images) {
                        return MakePoolKernel(backend, spec, image, images);
                      },
                  .inputs = {image},
                  .output = *OutputShape(spec, image),
                  .images = images,
                  .terms = std::max(taps, windows)};
  if (spec.kind == PoolKind::kSoftmax) {
    c.fill_input = FillBounded;
    const SoftmaxErrors errors(spec.temperature, /*size=*/1);
    c.function_error = std::max(errors.output, errors.gradient * windows);
  } else if (spec.kind != PoolKind::kAverage) {
    c.fill_input = FillDistinct;
  }
  return c;
}

double SoftmaxPoolError(double temperature, double size) {
  return SoftmaxErrors(temperature, size).output;
}

}  // namespace lenslet
