#include <algorithm>
#include <cstdint>
#include <vector>

#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/positions.h"

namespace lenslet {
namespace {

class ConvReferenceKernel : public Kernel {
 public:
  explicit ConvReferenceKernel(const ConvGeometry& geometry)
      : g_(geometry),
        group_inputs_(g_.input_channels / g_.groups),
        taps_(Volume(g_.window.kernel)) {
    int64_t pairs = 0;
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      const int64_t group = k / (g_.output_channels / g_.groups);
      first_channels_.push_back(group * group_inputs_);
      first_pairs_.push_back(pairs);
      if (!g_.connections.empty()) pairs += g_.connections[k].size();
    }
  }

  void Forward(int64_t images) override {
    const float* bias = g_.has_bias ? ParameterData(1) : nullptr;
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        for (int64_t k = 0; k < g_.output_channels; ++k) {
          double sum = bias == nullptr ? 0.0 : bias[k];
          ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
            const Axes i = Source(o, tap);
            if (!IsInside(i, g_.input)) return;
            const float* x = InputData(0) + InputOffset(n, i, 0);
            const float* w = ParameterData(0) + FilterOffset(k, tap, 0);
            for (int64_t j = 0; j < Reads(k); ++j) {
              sum +=
                  static_cast<double>(x[Channel(k, j)]) * w[j * FilterStep()];
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
  // How many input channels output channel k reads, the j-th of them, and which
  // of them c is: -1 if it reads others.
  int64_t Reads(int64_t k) const {
    return g_.connections.empty() ? group_inputs_ : g_.connections[k].size();
  }
  int64_t Channel(int64_t k, int64_t j) const {
    return g_.connections.empty() ? first_channels_[k] + j
                                  : g_.connections[k][j];
  }
  int64_t IndexOf(int64_t k, int64_t c) const {
    if (g_.connections.empty()) {
      const int64_t j = c - first_channels_[k];
      return j >= 0 && j < group_inputs_ ? j : -1;
    }
    const std::vector<int64_t>& channels = g_.connections[k];
    const auto found = std::find(channels.begin(), channels.end(), c);
    return found == channels.end() ? -1 : found - channels.begin();
  }

  // The input's position whose number is under a tap of the window at output
  // position o; outside of the input where that is a padding's zero.
  Axes Source(const Axes& o, const Axes& tap) const {
    Axes i = InputPosition(g_.window, o, tap);
    for (int axis = 0; axis < 3; ++axis) {
      i[axis] = SourceOf(g_.padding_mode, i[axis], g_.input[axis]);
    }
    return i;
  }

  int64_t InputOffset(int64_t n, const Axes& i, int64_t c) const {
    return OffsetOf(n, i, g_.input, c, g_.input_channels);
  }
  int64_t OutputOffset(int64_t n, const Axes& o, int64_t k) const {
    return OffsetOf(n, o, g_.output, k, g_.output_channels);
  }
  // For the j-th channel that k reads.
  int64_t FilterOffset(int64_t k, Axes tap, int64_t j) const {
    if (g_.flip) {
      for (int axis = 0; axis < 3; ++axis) {
        tap[axis] = g_.window.kernel[axis] - 1 - tap[axis];
      }
    }
    const int64_t first =
        g_.connections.empty()
            ? OffsetOf(k, tap, g_.window.kernel, 0, group_inputs_)
            : OffsetOf(first_pairs_[k], tap, g_.window.kernel, 0, 1);
    return first + j * FilterStep();
  }
  // From one channel that k reads to the next.
  int64_t FilterStep() const { return g_.connections.empty() ? 1 : taps_; }
  float Input(int64_t n, const Axes& i, int64_t c) const {
    return InputData(0)[InputOffset(n, i, c)];
  }
  float Filter(int64_t k, const Axes& tap, int64_t j) const {
    return ParameterData(0)[FilterOffset(k, tap, j)];
  }
  float OutputGradient(int64_t n, const Axes& o, int64_t k) const {
    return buffers().output_gradient[OutputOffset(n, o, k)];
  }

  // dw[k, t, c] = sum over n, o of dy[n, o, k] * x[n, position(o, t), c]
  void AddFilterGradient(int64_t images, float* gradient) const {
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
        for (int64_t j = 0; j < Reads(k); ++j) {
          double sum = 0;
          for (int64_t n = 0; n < images; ++n) {
            ForEachPosition(g_.output, [&](const Axes& o) {
              const Axes i = Source(o, tap);
              if (!IsInside(i, g_.input)) return;
              sum += static_cast<double>(OutputGradient(n, o, k)) *
                     Input(n, i, Channel(k, j));
            });
          }
          gradient[FilterOffset(k, tap, j)] += static_cast<float>(sum);
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

  // dx[n, i, c] = sum over the positions p that hold a copy of i's number, over
  //               t and k, for the o whose tap t is at p, of
  //               dy[n, o, k] * w[k, t, c]
  void WriteInputGradient(int64_t images) const {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.input, [&](const Axes& i) {
        for (int64_t c = 0; c < g_.input_channels; ++c) {
          double sum = 0;
          ForEachCopy(g_.padding_mode, g_.window.padding, g_.input, i,
                      [&](const Axes& p) { sum += GradientAt(n, p, c); });
          buffers().input_gradients[0][InputOffset(n, i, c)] =
              static_cast<float>(sum);
        }
      });
    }
  }

  // What flows into position p of the padded input.
  double GradientAt(int64_t n, const Axes& p, int64_t c) const {
    double sum = 0;
    ForEachPosition(g_.window.kernel, [&](const Axes& tap) {
      Axes o;
      if (!FindOutputPosition(g_.window, g_.output, p, tap, o)) return;
      for (int64_t k = 0; k < g_.output_channels; ++k) {
        const int64_t j = IndexOf(k, c);
        if (j < 0) continue;
        sum += static_cast<double>(OutputGradient(n, o, k)) * Filter(k, tap, j);
      }
    });
    return sum;
  }

  const ConvGeometry g_;
  const int64_t group_inputs_;
  const int64_t taps_;
  // Of each output channel: the first input channel of its group, and its first
  // kernel in the filter of a table of connections.
  std::vector<int64_t> first_channels_;
  std::vector<int64_t> first_pairs_;
};

}  // namespace

std::unique_ptr<Kernel> MakeConvReferenceKernel(const ConvGeometry& geometry) {
  return std::make_unique<ConvReferenceKernel>(geometry);
}

}  // namespace lenslet
