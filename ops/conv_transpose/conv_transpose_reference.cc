#include <cstdint>

#include "lenslet/ops/conv_transpose/kernels.h"
#include "lenslet/ops/positions.h"

namespace lenslet {
namespace {

class ConvTransposeReferenceKernel : public Kernel {
 public:
  explicit ConvTransposeReferenceKernel(const ConvTransposeGeometry& geometry)
      : g_(geometry) {}

  // The convolution that is run backwards reads this one's output: its inputs
  // are outputs here, and the other way around.
  void Forward(int64_t images) override {
    const float* bias = g_.has_bias ? ParameterData(1) : nullptr;
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        for (int64_t k = 0; k < g_.output_channels; ++k) {
          double sum = bias == nullptr ? 0.0 : bias[k];
          ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
            Axes i;
            if (!FindOutputPosition(g_.window, g_.input, o, tap, i)) return;
            for (int64_t c = 0; c < g_.input_channels; ++c) {
              sum += static_cast<double>(Input(n, i, c)) * Filter(k, tap, c);
            }
          });
          OutputData()[OutputOffset(n, o, k)] = static_cast<float>(sum);
        }
      });
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    if (parameter_gradients[0] != nullptr) {
      AddFilterGradient(images, parameter_gradients[0]);
    }
    if (g_.has_bias && parameter_gradients[1] != nullptr) {
      AddBiasGradient(images, parameter_gradients[1]);
    }
    if (buffers().input_gradients[0] != nullptr) WriteInputGradient(images);
  }

 private:
  int64_t InputOffset(int64_t n, const Axes& i, int64_t c) const {
    return OffsetOf(n, i, g_.input, c, g_.input_channels);
  }
  int64_t OutputOffset(int64_t n, const Axes& o, int64_t k) const {
    return OffsetOf(n, o, g_.output, k, g_.output_channels);
  }
  int64_t FilterOffset(int64_t k, const Axes& tap, int64_t c) const {
    return OffsetOf(k, tap, g_.window.kernel, c, g_.input_channels);
  }
  float Input(int64_t n, const Axes& i, int64_t c) const {
    return InputData(0)[InputOffset(n, i, c)];
  }
  float Filter(int64_t k, const Axes& tap, int64_t c) const {
    return ParameterData(0)[FilterOffset(k, tap, c)];
  }
  float OutputGradient(int64_t n, const Axes& o, int64_t k) const {
    return buffers().output_gradient[OutputOffset(n, o, k)];
  }

  // dw[k, t, c] = sum over n, i, with o where i writes tap t, of
  //               dy[n, o, k] * x[n, i, c]
  void AddFilterGradient(int64_t images, float* gradient) const {
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
        for (int64_t c = 0; c < g_.input_channels; ++c) {
          double sum = 0;
          for (int64_t n = 0; n < images; ++n) {
            ForEachPosition(g_.input, [&](const Axes& i) {
              const Axes o = InputPosition(g_.window, i, tap);
              if (!IsInside(o, g_.output)) return;
              sum +=
                  static_cast<double>(OutputGradient(n, o, k)) * Input(n, i, c);
            });
          }
          gradient[FilterOffset(k, tap, c)] += static_cast<float>(sum);
        }
      });
    }
  }

  // dbias[k] = sum over n, o of dy[n, o, k]
  void AddBiasGradient(int64_t images, float* gradient) const {
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      double sum = 0;
      for (int64_t n = 0; n < images; ++n) {
        ForEachPosition(g_.output,
                        [&](const Axes& o) { sum += OutputGradient(n, o, k); });
      }
      gradient[k] += static_cast<float>(sum);
    }
  }

  // dx[n, i, c] = sum over t, k, with o where i writes tap t, of
  //               dy[n, o, k] * w[k, t, c]
  void WriteInputGradient(int64_t images) const {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.input, [&](const Axes& i) {
        for (int64_t c = 0; c < g_.input_channels; ++c) {
          double sum = 0;
          ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
            const Axes o = InputPosition(g_.window, i, tap);
            if (!IsInside(o, g_.output)) return;
            for (int64_t k = 0; k < g_.output_channels; ++k) {
              sum += static_cast<double>(OutputGradient(n, o, k)) *
                     Filter(k, tap, c);
            }
          });
          buffers().input_gradients[0][InputOffset(n, i, c)] =
              static_cast<float>(sum);
        }
      });
    }
  }

  const ConvTransposeGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakeConvTransposeReferenceKernel(
    const ConvTransposeGeometry& geometry) {
  return std::make_unique<ConvTransposeReferenceKernel>(geometry);
}

}  // namespace lenslet
