#include "lenslet/codegen/evaluate.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/positions.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

#define LENSLET_NO_CONTRACTION
#include "lenslet/codegen/arithmetic.h"

// Images in a block. Each number of the arena is one of each image.
constexpr int64_t kImages = 16;
constexpr int64_t kVectors = kImages / V;

// The same number of each image.
struct Lanes {
  vf v[kVectors];
};

Lanes Load(const float* x) {
  Lanes lanes;
  for (int64_t i = 0; i < kVectors; ++i) lanes.v[i] = vf_load(x + i * V);
  return lanes;
}

void Store(const Lanes& lanes, float* y) {
  for (int64_t i = 0; i < kVectors; ++i) vf_store(y + i * V, lanes.v[i]);
}

template <typename F>
Lanes Map(const Lanes& x, F f) {
  Lanes y;
  for (int64_t i = 0; i < kVectors; ++i) y.v[i] = f(x.v[i]);
  return y;
}

template <typename F>
Lanes Map(const Lanes& a, const Lanes& b, F f) {
  Lanes y;
  for (int64_t i = 0; i < kVectors; ++i) y.v[i] = f(a.v[i], b.v[i]);
  return y;
}

Lanes Broadcast(float x) {
  Lanes lanes;
  for (int64_t i = 0; i < kVectors; ++i) lanes.v[i] = vf_set(x);
  return lanes;
}

vf Activate(const ActivationSpec& spec, vf x) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return vf_sigmoid(x);
    case ActivationKind::kTanh:
      return vf_tanh(x);
    case ActivationKind::kRelu:
      return vf_relu(x);
    case ActivationKind::kLeakyRelu:
      return vf_leaky_relu(x, spec.slope);
    case ActivationKind::kElu:
      return vf_elu(x, spec.alpha);
    case ActivationKind::kGelu:
      return vf_gelu(x);
    case ActivationKind::kSilu:
      return vf_silu(x);
    case ActivationKind::kSoftplus:
      return vf_softplus(x);
    case ActivationKind::kClip:
      return vf_clip(x, spec.min, spec.max);
    case ActivationKind::kHardSigmoid:
      return vf_hard_sigmoid(x, spec.hard_slope, spec.offset);
    case ActivationKind::kHardSwish:
      return vf_hard_swish(x);
  }
  return x;
}

// Runs one block of images.
class Block {
 public:
  Block(const Program& program, float* arena, float* band)
      : program_(program), arena_(arena), band_(band) {}

  float* value(int v) const {
    return arena_ + program_.values[v].offset * kImages;
  }

  void Run() {
    for (const Step& step : program_.steps) {
      step_ = &step;
      // With a pooling, all of its input is in `band_` at once: the arithmetic
      // is the same.
      float* y = step.pool.has_value() ? band_ : value(step.output);
      std::visit([&](const auto& kind) { RunKind(kind, y); }, step.kind);
      for (const Function& function : step.functions) {
        Apply(function, step.computed.elements(), y);
      }
      if (step.pool.has_value()) {
        Pool(*step.pool, band_, value(step.output));
      }
    }
  }

 private:
  const float* input(int i) const { return value(step_->inputs[i]); }

  void RunKind(const SumsStep& sums, float* y) const {
    const float* x = input(0);
    const float* weights = program_.weights.data() + sums.weight;
    const float* bias = program_.weights.data() + sums.bias;
    const int64_t taps = Volume(sums.window.kernel);
    ForEachPosition(sums.output, [&](const Axes& o) {
      for (int64_t k = 0; k < sums.output_channels; ++k) {
        const int64_t g = k / sums.group_outputs();
        const int64_t r = k % sums.group_outputs();
        const int64_t first = sums.depthwise ? k : g * sums.group_inputs();
        Lanes sum = Broadcast(bias[g * sums.row() + r]);
        int64_t t = g * taps;
        ForEachPosition(sums.window.kernel, [&](const Axes& tap) {
          const float* w = weights + t * sums.group_inputs() * sums.row() + r;
          ++t;
          Axes i = o;
          if (sums.transposed) {
            if (!FindOutputPosition(sums.window, sums.input, o, tap, i)) {
              return;
            }
          } else {
            i = InputPosition(sums.window, o, tap);
            if (!IsInside(i, sums.input)) return;
          }
          const float* a =
              x +
              OffsetOf(0, i, sums.input, first, sums.input_channels) * kImages;
          for (int64_t c = 0; c < sums.group_inputs(); ++c) {
            const float weight = w[c * sums.row()];
            for (int64_t n = 0; n < kVectors; ++n) {
              sum.v[n] = sum.v[n] + vf_load(a + c * kImages + n * V) * weight;
            }
          }
        });
        Store(sum, y + OffsetOf(0, o, sums.output, k, sums.output_channels) *
                           kImages);
      }
    });
  }

  void RunKind(const PoolStep& pool, float* y) const {
    Pool(pool.geometry, input(0), y);
  }

  static void Pool(const PoolGeometry& g, const float* x, float* y) {
    std::vector<const float*> taps;
    ForEachPosition(g.output, [&](const Axes& o) {
      const PoolTaps d = TapsAt(g, 0, o[0]);
      const PoolTaps h = TapsAt(g, 1, o[1]);
      const PoolTaps w = TapsAt(g, 2, o[2]);
      taps.clear();
      ForEachPosition({d.count, h.count, w.count}, [&](const Axes& tap) {
        const Axes i = {d.first + tap[0] * d.dilation,
                        h.first + tap[1] * h.dilation,
                        w.first + tap[2] * w.dilation};
        taps.push_back(x + OffsetOf(0, i, g.input, 0, g.channels) * kImages);
      });
      const float count = static_cast<float>(d.divisor * h.divisor * w.divisor);
      for (int64_t c = 0; c < g.channels; ++c) {
        Store(PoolOne(g, taps, c * kImages, count),
              y + OffsetOf(0, o, g.output, c, g.channels) * kImages);
      }
    });
  }

  static Lanes PoolOne(const PoolGeometry& g,
                       const std::vector<const float*>& taps, int64_t at,
                       float count) {
    Lanes y = Load(taps[0] + at);
    const auto reduce = [&](auto f) {
      for (size_t t = 1; t < taps.size(); ++t) {
        y = Map(y, Load(taps[t] + at), f);
      }
    };
    switch (g.kind) {
      case PoolKind::kMax:
        reduce([](vf a, vf b) { return vf_max(a, b); });
        return y;
      case PoolKind::kMin:
        reduce([](vf a, vf b) { return vf_min(a, b); });
        return y;
      case PoolKind::kAverage:
        reduce([](vf a, vf b) { return a + b; });
        return Map(y, [&](vf a) { return a / count; });
      case PoolKind::kSoftmax:
        break;
    }
    reduce([](vf a, vf b) { return vf_max(a, b); });
    const Lanes most = y;
    const float inverse = InverseTemperature(g);
    Lanes weights = Broadcast(0);
    Lanes sum = Broadcast(0);
    for (const float* tap : taps) {
      const Lanes x = Load(tap + at);
      const Lanes weight =
          Map(x, most, [&](vf a, vf m) { return vf_exp((a - m) * inverse); });
      weights = Map(weights, weight, [](vf a, vf b) { return a + b; });
      for (int64_t n = 0; n < kVectors; ++n) {
        sum.v[n] = sum.v[n] + weight.v[n] * x.v[n];
      }
    }
    return Map(sum, weights, [](vf a, vf b) { return a / b; });
  }

  void RunKind(const PadStep& pad, float* y) const {
    const PadGeometry& g = pad.geometry;
    const float* x = input(0);
    ForEachPosition(g.output, [&](const Axes& o) {
      Axes i = o;
      for (int axis = 0; axis < 3; ++axis) {
        i[axis] =
            SourceOf(g.mode, o[axis] - g.padding.before[axis], g.input[axis]);
      }
      const int64_t size = g.channels * kImages;
      float* to = y + OffsetOf(0, o, g.output, 0, g.channels) * kImages;
      if (IsInside(i, g.input)) {
        std::copy_n(x + OffsetOf(0, i, g.input, 0, g.channels) * kImages, size,
                    to);
      } else {
        std::fill_n(to, size, 0.0f);
      }
    });
  }

  void RunKind(const ConcatStep& concat, float* y) const {
    const ConcatGeometry& g = concat.geometry;
    int64_t before = 0;
    for (size_t i = 0; i < g.pieces.size(); ++i) {
      for (int64_t row = 0; row < g.rows; ++row) {
        std::copy_n(input(static_cast<int>(i)) + row * g.pieces[i] * kImages,
                    g.pieces[i] * kImages,
                    y + (row * g.row + before) * kImages);
      }
      before += g.pieces[i];
    }
  }

  void RunKind(const ElementwiseStep& step, float* y) const {
    const Shape& output = step_->computed;
    std::vector<int64_t> at(output.rank(), 0);
    for (int64_t e = 0; e < output.elements(); ++e) {
      Lanes sum = ElementOf(step, 0, at);
      for (size_t i = 1; i < step_->inputs.size(); ++i) {
        sum = Map(sum, ElementOf(step, i, at),
                  [&](vf a, vf b) { return step.multiplies ? a * b : a + b; });
      }
      Store(sum, y + e * kImages);
      for (int axis = output.rank() - 1;
           axis >= 0 && ++at[axis] == output.dim(axis); --axis) {
        at[axis] = 0;
      }
    }
  }

  // The element of an input that meets the output's element at `at`.
  Lanes ElementOf(const ElementwiseStep& step, size_t i,
                  const std::vector<int64_t>& at) const {
    int64_t offset = 0;
    for (size_t axis = 0; axis < at.size(); ++axis) {
      offset += at[axis] * step.strides[i][axis];
    }
    return Load(input(static_cast<int>(i)) + offset * kImages);
  }

  void RunKind(const NormalizeStep& step, float* y) const {
    const float* x = input(0);
    const auto count = static_cast<float>(step.features);
    for (int64_t row = 0; row < step.rows; ++row) {
      const int64_t first = row * step.features;
      Lanes mean = Broadcast(0);
      for (int64_t f = 0; f < step.features; ++f) {
        mean = Map(mean, Load(x + (first + f) * kImages),
                   [](vf sum, vf a) { return sum + a; });
      }
      mean = Map(mean, [&](vf sum) { return sum / count; });
      Lanes variance = Broadcast(0);
      for (int64_t f = 0; f < step.features; ++f) {
        const Lanes d = Map(Load(x + (first + f) * kImages), mean,
                            [](vf a, vf m) { return a - m; });
        variance = Map(variance, d, [](vf sum, vf a) { return sum + a * a; });
      }
      variance =
          Map(variance, [&](vf sum) { return sum / count + step.epsilon; });
      float deviation[kImages];
      Store(variance, deviation);
      for (float& number : deviation) number = float_sqrt(number);
      const Lanes divisor = Load(deviation);
      for (int64_t f = 0; f < step.features; ++f) {
        const float scale = program_.weights[step.scale + f];
        const float bias = program_.weights[step.bias + f];
        const Lanes d = Map(Load(x + (first + f) * kImages), mean,
                            [](vf a, vf m) { return a - m; });
        Store(Map(d, divisor, [&](vf a, vf b) { return a / b * scale + bias; }),
              y + (first + f) * kImages);
      }
    }
  }

  void RunKind(const LrnStep& step, float* y) const {
    const float share = LrnShare(step.spec);
    for (int64_t p = 0; p < step.positions; ++p) {
      const float* x = input(0) + p * step.channels * kImages;
      for (int64_t c = 0; c < step.channels; ++c) {
        const int64_t first =
            std::max<int64_t>(0, c - (step.spec.size - 1) / 2);
        const int64_t end = std::min(step.channels, c + step.spec.size / 2 + 1);
        Lanes sum = Broadcast(0);
        for (int64_t i = first; i < end; ++i) {
          sum = Map(sum, Load(x + i * kImages),
                    [](vf s, vf a) { return s + a * a; });
        }
        Store(Map(sum, Load(x + c * kImages),
                  [&](vf s, vf a) {
                    const vf divisor = s * share + step.spec.bias;
                    return a * vf_exp(vf_log(divisor) * -step.spec.beta);
                  }),
              y + (p * step.channels + c) * kImages);
      }
    }
  }

  void RunKind(const ResizeStep& step, float* y) const {
    ForEachPosition(step.output, [&](const Axes& o) {
      for (int64_t c = 0; c < step.channels; ++c) {
        Store(Resized(step, o, c, 0, {0, 0, 0}),
              y + OffsetOf(0, o, step.output, c, step.channels) * kImages);
      }
    });
  }

  // The value between the positions that `o` reads along the axes from `axis`
  // on; `i` has those of the axes before.
  Lanes Resized(const ResizeStep& step, const Axes& o, int64_t c, int axis,
                Axes i) const {
    if (axis == 3) {
      return Load(input(0) +
                  OffsetOf(0, i, step.input, c, step.channels) * kImages);
    }
    const ResizeAxis& resized = step.axes[axis];
    const ResizeAxis::Tap& tap = resized.taps[o[axis]];
    i[axis] = tap.first;
    const Lanes first = Resized(step, o, c, axis + 1, i);
    if (!resized.interpolates) return first;
    i[axis] = tap.second;
    return Map(first, Resized(step, o, c, axis + 1, i), [&](vf a, vf b) {
      return a * tap.first_weight + b * tap.second_weight;
    });
  }

  void RunKind(const CopyStep&, float* y) const {
    std::copy_n(input(0), step_->computed.elements() * kImages, y);
  }

  void Apply(const Function& function, int64_t size, float* y) const {
    if (const auto* spec = std::get_if<ActivationSpec>(&function.kind)) {
      for (int64_t i = 0; i < size * kImages; i += V) {
        vf_store(y + i, Activate(*spec, vf_load(y + i)));
      }
      return;
    }
    const auto& scale = std::get<ScaleFunction>(function.kind);
    for (int64_t i = 0; i < size; ++i) {
      const int64_t c = i % scale.channels;
      const float factor = program_.weights[scale.scale + c];
      const float shift = program_.weights[scale.shift + c];
      float* at = y + i * kImages;
      Store(Map(Load(at), [&](vf x) { return x * factor + shift; }), at);
    }
  }

  const Program& program_;
  float* arena_;
  float* band_;
  const Step* step_ = nullptr;
};

void Normalize(const Program& program, const uint8_t* x, float* y) {
  NormalizePixels({x, static_cast<size_t>(program.input.elements())},
                  ChannelsOf(program.input), program.normalization, y);
}
void Normalize(const Program& program, const float* x, float* y) {
  NormalizeNumbers({x, static_cast<size_t>(program.input.elements())},
                   ChannelsOf(program.input), program.normalization, y);
}

template <typename T>
absl::StatusOr<std::vector<float>> EvaluateAny(const Program& program,
                                               absl::Span<const T> examples) {
  const int64_t size = program.input.elements();
  const int64_t total = static_cast<int64_t>(examples.size());
  if (total % size != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", total, " numbers; expected a multiple of ",
                     size, ", the size of an example"));
  }
  int64_t band = 0;
  for (const Step& step : program.steps) {
    if (step.pool.has_value()) {
      band = std::max(band, step.computed.elements());
    }
  }
  LENSLET_ASSIGN_OR_RETURN(
      Tensor arena,
      Tensor::Create(ElementType::kFloat32, {program.arena, kImages}));
  LENSLET_ASSIGN_OR_RETURN(
      Tensor bands, Tensor::Create(ElementType::kFloat32, {band + 1, kImages}));
  Block block(program, arena.data(), bands.data());
  const int64_t outputs = program.values[program.output].shape.elements();
  std::vector<float> scores(total / size * outputs);
  std::vector<float> image(size);
  for (int64_t first = 0; first * size < total; first += kImages) {
    const int64_t count = std::min(kImages, total / size - first);
    for (int64_t n = 0; n < count; ++n) {
      Normalize(program, &examples[(first + n) * size], image.data());
      for (int64_t i = 0; i < size; ++i) {
        block.value(0)[i * kImages + n] = image[i];
      }
    }
    block.Run();
    const float* y = block.value(program.output);
    for (int64_t n = 0; n < count; ++n) {
      for (int64_t i = 0; i < outputs; ++i) {
        scores[(first + n) * outputs + i] = y[i * kImages + n];
      }
    }
  }
  return scores;
}

}  // namespace

absl::StatusOr<std::vector<float>> Evaluate(
    const Program& program, absl::Span<const uint8_t> examples) {
  return EvaluateAny(program, examples);
}

absl::StatusOr<std::vector<float>> Evaluate(const Program& program,
                                            absl::Span<const float> examples) {
  return EvaluateAny(program, examples);
}

#undef LENSLET_NO_CONTRACTION
#undef FUNCTION
#undef LESS
#undef V

}  // namespace lenslet
