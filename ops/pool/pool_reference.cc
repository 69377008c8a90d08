#include <algorithm>
#include <cmath>
#include <cstdint>

#include "lenslet/ops/pool/kernels.h"
#include "lenslet/ops/positions.h"

namespace lenslet {
namespace {

class PoolReferenceKernel : public Kernel {
 public:
  explicit PoolReferenceKernel(const PoolGeometry& geometry) : g_(geometry) {}

  void Forward(int64_t images) override {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        for (int64_t c = 0; c < g_.channels; ++c) {
          OutputData()[OutputOffset(n, o, c)] =
              static_cast<float>(Output(n, o, c));
        }
      });
    }
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
  // The taps of the window at o along each axis.
  struct Taps {
    PoolTaps axes[3];

    double divisor() const {
      return static_cast<double>(axes[0].divisor * axes[1].divisor *
                                 axes[2].divisor);
    }
    bool Include(const Axes& i) const {
      for (int axis = 0; axis < 3; ++axis) {
        const PoolTaps& taps = axes[axis];
        const int64_t distance = i[axis] - taps.first;
        if (distance < 0 || distance >= taps.count * taps.dilation ||
            distance % taps.dilation != 0) {
          return false;
        }
      }
      return true;
    }
  };

  Taps WindowTaps(const Axes& o) const {
    return {{TapsAt(g_, 0, o[0]), TapsAt(g_, 1, o[1]), TapsAt(g_, 2, o[2])}};
  }

  // Calls body(offset) with where each tap's number is, in row-major order.
  template <typename Body>
  void ForEachTap(int64_t n, const Axes& o, int64_t c, Body body) const {
    const Taps taps = WindowTaps(o);
    const PoolTaps& depth = taps.axes[0];
    const PoolTaps& height = taps.axes[1];
    const PoolTaps& width = taps.axes[2];
    ForEachPosition({depth.count, height.count, width.count},
                    [&](const Axes& tap) {
                      const Axes i = {depth.first + tap[0] * depth.dilation,
                                      height.first + tap[1] * height.dilation,
                                      width.first + tap[2] * width.dilation};
                      body(InputOffset(n, i, c));
                    });
  }

  int64_t InputOffset(int64_t n, const Axes& i, int64_t c) const {
    return OffsetOf(n, i, g_.input, c, g_.channels);
  }
  int64_t OutputOffset(int64_t n, const Axes& o, int64_t c) const {
    return OffsetOf(n, o, g_.output, c, g_.channels);
  }

  double Output(int64_t n, const Axes& o, int64_t c) const {
    const float* x = InputData(0);
    switch (g_.kind) {
      case PoolKind::kMax:
      case PoolKind::kMin:
        return x[ExtremeOffset(g_.kind, n, o, c)];
      case PoolKind::kAverage: {
        double sum = 0;
        ForEachTap(n, o, c, [&](int64_t offset) { sum += x[offset]; });
        return sum / WindowTaps(o).divisor();
      }
      case PoolKind::kSoftmax: {
        const Softmax softmax = SoftmaxOf(n, o, c);
        double sum = 0;
        ForEachTap(n, o, c, [&](int64_t offset) {
          sum += softmax.Probability(x[offset]) * x[offset];
        });
        return sum;
      }
    }
    return 0;
  }

  // Where the first largest or smallest tap is, or the first NaN.
  int64_t ExtremeOffset(PoolKind kind, int64_t n, const Axes& o,
                        int64_t c) const {
    const float* x = InputData(0);
    int64_t best = -1;
    ForEachTap(n, o, c, [&](int64_t offset) {
      if (best < 0 || (std::isnan(x[offset]) && !std::isnan(x[best])) ||
          (kind == PoolKind::kMax ? x[offset] > x[best]
                                  : x[offset] < x[best])) {
        best = offset;
      }
    });
    return best;
  }

  // Of a window's taps. Differences from the maximum are what is divided by the
  // temperature: neither they nor their exponentials overflow.
  struct Softmax {
    double maximum;
    double temperature;
    double weights = 0;     // The sum of the taps' weights.
    double mean_score = 0;  // Of the taps' scores, by their probabilities.

    double Score(double x) const { return (x - maximum) / temperature; }
    double Probability(double x) const { return std::exp(Score(x)) / weights; }
  };

  Softmax SoftmaxOf(int64_t n, const Axes& o, int64_t c) const {
    const float* x = InputData(0);
    Softmax softmax = {.maximum = x[ExtremeOffset(PoolKind::kMax, n, o, c)],
                       .temperature = g_.temperature};
    double moments = 0;
    ForEachTap(n, o, c, [&](int64_t offset) {
      const double weight = std::exp(softmax.Score(x[offset]));
      softmax.weights += weight;
      if (weight > 0) moments += weight * softmax.Score(x[offset]);
    });
    softmax.mean_score = moments / softmax.weights;
    return softmax;
  }

  // The sum, over the windows that i is in, of the part of dy that is i's.
  double InputGradient(int64_t n, const Axes& i, int64_t c) const {
    const PoolWindowRange depth = WindowsOver(g_, 0, i[0]);
    const PoolWindowRange height = WindowsOver(g_, 1, i[1]);
    const PoolWindowRange width = WindowsOver(g_, 2, i[2]);
    double sum = 0;
    for (int64_t d = depth.begin; d < depth.end; ++d) {
      for (int64_t h = height.begin; h < height.end; ++h) {
        for (int64_t w = width.begin; w < width.end; ++w) {
          const Axes o = {d, h, w};
          if (!WindowTaps(o).Include(i)) continue;
          sum += buffers().output_gradient[OutputOffset(n, o, c)] *
                 Derivative(n, o, i, c);
        }
      }
    }
    return sum;
  }

  // Of the output at o by one of its taps.
  double Derivative(int64_t n, const Axes& o, const Axes& i, int64_t c) const {
    switch (g_.kind) {
      case PoolKind::kMax:
      case PoolKind::kMin:
        return ExtremeOffset(g_.kind, n, o, c) == InputOffset(n, i, c) ? 1 : 0;
      case PoolKind::kAverage:
        return 1 / WindowTaps(o).divisor();
      case PoolKind::kSoftmax: {
        const double x = InputData(0)[InputOffset(n, i, c)];
        const Softmax softmax = SoftmaxOf(n, o, c);
        const double probability = softmax.Probability(x);
        // (x - y) / temperature is a difference of scores, without the rounding
        // of y.
        return probability == 0
                   ? 0
                   : probability * (1 + softmax.Score(x) - softmax.mean_score);
      }
    }
    return 0;
  }

  const PoolGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakePoolReferenceKernel(const PoolGeometry& geometry) {
  return std::make_unique<PoolReferenceKernel>(geometry);
}

}  // namespace lenslet
