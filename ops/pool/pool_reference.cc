#include "ops/pool/pool_reference.h"

#include <cstdint>

#include "ops/positions.h"

namespace lenslet {
namespace {

class PoolReferenceKernel : public Kernel {
 public:
  explicit PoolReferenceKernel(const PoolGeometry& geometry) : g_(geometry) {}

  void Forward(int64_t images) override {
    ForEachOutput(images, [&](int64_t n, const Axes& o, int64_t c) {
      double result;
      if (g_.kind == PoolKind::kMax) {
        result = buffers().inputs[0][MaximumOffset(n, o, c)];
      } else {
        result = 0;
        ForEachTap(o, [&](const Axes& i) {
          result += buffers().inputs[0][InputOffset(n, i, c)];
        });
        result /= Divisor(o);
      }
      buffers().output[OutputOffset(n, o, c)] = static_cast<float>(result);
    });
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.input, [&](const Axes& i) {
        for (int64_t c = 0; c < g_.channels; ++c) {
          dx[InputOffset(n, i, c)] = static_cast<float>(InputGradient(n, i, c));
        }
      });
    }
  }

 private:
  template <typename Body>
  void ForEachOutput(int64_t images, Body body) const {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        for (int64_t c = 0; c < g_.channels; ++c) body(n, o, c);
      });
    }
  }

  // The input positions under the window at o, without padding.
  template <typename Body>
  void ForEachTap(const Axes& o, Body body) const {
    ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
      const Axes i = InputPosition(g_.window, o, tap);
      if (IsInside(i, g_.input)) body(i);
    });
  }

  int64_t InputOffset(int64_t n, const Axes& i, int64_t c) const {
    return OffsetOf(n, i, g_.input, c, g_.channels);
  }
  int64_t OutputOffset(int64_t n, const Axes& o, int64_t c) const {
    return OffsetOf(n, o, g_.output, c, g_.channels);
  }

  int64_t MaximumOffset(int64_t n, const Axes& o, int64_t c) const {
    int64_t best = -1;
    ForEachTap(o, [&](const Axes& i) {
      const int64_t offset = InputOffset(n, i, c);
      const float* x = buffers().inputs[0];
      if (best < 0 || x[offset] > x[best]) best = offset;
    });
    return best;
  }

  double Divisor(const Axes& o) const {
    int64_t taps = 0;
    if (g_.count_padding) {
      taps = g_.window.kernel[0] * g_.window.kernel[1] * g_.window.kernel[2];
    } else {
      ForEachTap(o, [&](const Axes&) { ++taps; });
    }
    return static_cast<double>(taps);
  }

  // The sum, over the windows that i is in, of the part of dy that is i's.
  double InputGradient(int64_t n, const Axes& i, int64_t c) const {
    double sum = 0;
    ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
      Axes o;
      if (!FindOutputPosition(g_.window, g_.output, i, tap, o)) return;
      const double dy = buffers().output_gradient[OutputOffset(n, o, c)];
      if (g_.kind == PoolKind::kAverage) {
        sum += dy / Divisor(o);
      } else if (MaximumOffset(n, o, c) == InputOffset(n, i, c)) {
        sum += dy;
      }
    });
    return sum;
  }

  const PoolGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakePoolReferenceKernel(const PoolGeometry& geometry) {
  return std::make_unique<PoolReferenceKernel>(geometry);
}

}  // namespace lenslet
