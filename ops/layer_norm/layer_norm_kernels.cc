#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/layer_norm/kernels.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class LayerNormReferenceKernel : public Kernel {
 public:
  explicit LayerNormReferenceKernel(const LayerNormRows& rows) : rows_(rows) {}

  void Forward(int64_t images) override {
    for (int64_t row = 0; row < images * rows_.rows; ++row) {
      const float* x = InputData(0) + row * rows_.features;
      float* y = OutputData() + row * rows_.features;
      ComputeStatistics(x);
      for (int64_t f = 0; f < rows_.features; ++f) {
        y[f] = static_cast<float>(ParameterData(0)[f] * Normalized(x[f]) +
                                  ParameterData(1)[f]);
      }
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    float* dx = buffers().input_gradients[0];
    for (int64_t row = 0; row < images * rows_.rows; ++row) {
      const int64_t first = row * rows_.features;
      const float* x = InputData(0) + first;
      const float* dy = buffers().output_gradient + first;
      ComputeStatistics(x);
      double g_sum = 0;
      double g_z_sum = 0;
      for (int64_t f = 0; f < rows_.features; ++f) {
        const double z = Normalized(x[f]);
        if (parameter_gradients[0] != nullptr) {
          parameter_gradients[0][f] += static_cast<float>(dy[f] * z);
        }
        if (parameter_gradients[1] != nullptr) {
          parameter_gradients[1][f] += dy[f];
        }
        const double g = double{ParameterData(0)[f]} * dy[f];
        g_sum += g;
        g_z_sum += g * z;
      }
      if (dx == nullptr) continue;
      for (int64_t f = 0; f < rows_.features; ++f) {
        const double g = double{ParameterData(0)[f]} * dy[f];
        dx[first + f] =
            static_cast<float>((g - g_sum / rows_.features -
                                Normalized(x[f]) * g_z_sum / rows_.features) /
                               deviation_);
      }
    }
  }

 private:
  void ComputeStatistics(const float* x) {
    double sum = 0;
    for (int64_t f = 0; f < rows_.features; ++f) sum += x[f];
    mean_ = sum / rows_.features;
    double squares = 0;
    for (int64_t f = 0; f < rows_.features; ++f) {
      squares += (x[f] - mean_) * (x[f] - mean_);
    }
    deviation_ = std::sqrt(squares / rows_.features + rows_.epsilon);
  }

  double Normalized(double x) const { return (x - mean_) / deviation_; }

  const LayerNormRows rows_;
  double mean_ = 0;
  double deviation_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> MakeLayerNormReferenceKernel(
    const LayerNormRows& rows) {
  return std::make_unique<LayerNormReferenceKernel>(rows);
}

namespace {

// For each of `kUnit` images, whose numbers are interleaved: what a row's
// numbers are normalized by.
template <int kUnit>
struct RowStatistics {
  float mean[kUnit];
  float inverse[kUnit];  // 1 / sqrt(variance + epsilon).
};

// Adds term(i) of `count` numbers to `sums`, in which index i % kSums has the
// same place. Several sums do not wait for each other.
template <int kSums, typename Term>
void AddTerms(int64_t count, double* sums, Term term) {
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (int j = 0; j < kSums; ++j) sums[j] += term(i + j, j);
  }
  for (int j = 0; i + j < count; ++j) sums[j] += term(i + j, j);
}

// The sums of term(i, unit) over the features, of each image.
template <int kUnit, typename Term>
void SumFeatures(int64_t features, double (&sums)[kUnit], Term term) {
  // In lanes, each image has its own sum.
  constexpr int kSums = kUnit == 1 ? 8 : kUnit;
  double partial[kSums] = {};
  AddTerms<kSums>(features * kUnit, partial, [&](int64_t i, int j) {
    return term(i, kUnit == 1 ? 0 : j);
  });
  if (kUnit > 1) {
    for (int u = 0; u < kUnit; ++u) sums[u] = partial[u];
  } else {
    sums[0] = ((partial[0] + partial[1]) + (partial[2] + partial[3])) +
              ((partial[4] + partial[5]) + (partial[6] + partial[7]));
  }
}

template <int kUnit>
RowStatistics<kUnit> StatisticsOf(const LayerNormRows& rows, const float* x) {
  const double share = 1.0 / static_cast<double>(rows.features);
  double mean[kUnit];
  SumFeatures<kUnit>(rows.features, mean,
                     [=](int64_t i, int) { return double{x[i]}; });
  for (double& sum : mean) sum *= share;
  double variance[kUnit];
  SumFeatures<kUnit>(rows.features, variance, [&](int64_t i, int unit) {
    const double difference = x[i] - mean[unit];
    return difference * difference;
  });
  RowStatistics<kUnit> statistics;
  for (int unit = 0; unit < kUnit; ++unit) {
    statistics.mean[unit] = static_cast<float>(mean[unit]);
    statistics.inverse[unit] = static_cast<float>(
        1.0 / std::sqrt(variance[unit] * share + rows.epsilon));
  }
  return statistics;
}

template <int kUnit>
void NormalizeRow(const LayerNormRows& rows, const float* x, const float* scale,
                  const float* bias, float* y) {
  const RowStatistics<kUnit> statistics = StatisticsOf<kUnit>(rows, x);
  for (int64_t f = 0; f < rows.features; ++f) {
    for (int unit = 0; unit < kUnit; ++unit) {
      const int64_t i = f * kUnit + unit;
      y[i] =
          (x[i] - statistics.mean[unit]) * statistics.inverse[unit] * scale[f] +
          bias[f];
    }
  }
}

class LayerNormLanesKernel : public Kernel {
 public:
  explicit LayerNormLanesKernel(const LayerNormRows& rows)
      : rows_(rows), scale_sums_(rows.features), bias_sums_(rows.features) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    ForEachRow(images, [&](int64_t first) {
      NormalizeRow<kLanes>(rows_, InputData(0) + first, ParameterData(0),
                           ParameterData(1), OutputData() + first);
    });
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    std::fill(scale_sums_.begin(), scale_sums_.end(), 0.0);
    std::fill(bias_sums_.begin(), bias_sums_.end(), 0.0);
    float* dx = buffers().input_gradients[0];
    ForEachRow(images, [&](int64_t first) {
      BackwardRow(InputData(0) + first, buffers().output_gradient + first,
                  dx == nullptr ? nullptr : dx + first);
    });
    for (const auto& [gradient, sums] :
         {std::pair(parameter_gradients[0], &scale_sums_),
          {parameter_gradients[1], &bias_sums_}}) {
      if (gradient == nullptr) continue;
      for (int64_t f = 0; f < rows_.features; ++f) {
        gradient[f] += static_cast<float>((*sums)[f]);
      }
    }
  }

 private:
  // Calls body(first) with the first float of each row.
  template <typename Body>
  void ForEachRow(int64_t images, Body body) const {
    const int64_t count = LaneGroups(images) * rows_.rows;
    for (int64_t row = 0; row < count; ++row) {
      body(row * rows_.features * kLanes);
    }
  }

  void BackwardRow(const float* x, const float* dy, float* dx) {
    const RowStatistics<kLanes> s = StatisticsOf<kLanes>(rows_, x);
    const float* scale = ParameterData(0);
    double g_mean[kLanes] = {};
    double g_z_mean[kLanes] = {};
    for (int64_t f = 0; f < rows_.features; ++f) {
      double dy_sum = 0;
      double dy_z_sum = 0;
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const int64_t i = f * kLanes + lane;
        const double z = double{(x[i] - s.mean[lane]) * s.inverse[lane]};
        const double dy_z = dy[i] * z;
        dy_sum += dy[i];
        dy_z_sum += dy_z;
        g_mean[lane] += scale[f] * double{dy[i]};
        g_z_mean[lane] += scale[f] * dy_z;
      }
      scale_sums_[f] += dy_z_sum;
      bias_sums_[f] += dy_sum;
    }
    if (dx == nullptr) return;
    float mean[kLanes];
    float slope[kLanes];
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      mean[lane] = static_cast<float>(g_mean[lane] / rows_.features);
      slope[lane] = static_cast<float>(g_z_mean[lane] / rows_.features);
    }
    for (int64_t f = 0; f < rows_.features; ++f) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const int64_t i = f * kLanes + lane;
        const float z = (x[i] - s.mean[lane]) * s.inverse[lane];
        dx[i] =
            (scale[f] * dy[i] - mean[lane] - z * slope[lane]) * s.inverse[lane];
      }
    }
  }

  const LayerNormRows rows_;
  std::vector<double> scale_sums_;
  std::vector<double> bias_sums_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLayerNormLanesKernel(const LayerNormRows& rows) {
  return std::make_unique<LayerNormLanesKernel>(rows);
}

namespace {

class LayerNormDirectKernel : public InferenceKernel {
 public:
  explicit LayerNormDirectKernel(const LayerNormRows& rows) : rows_(rows) {}

  void Forward(int64_t images) override {
    for (int64_t row = 0; row < images * rows_.rows; ++row) {
      const int64_t first = row * rows_.features;
      NormalizeRow<1>(rows_, InputData(0) + first, ParameterData(0),
                      ParameterData(1), OutputData() + first);
    }
  }

 private:
  const LayerNormRows rows_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLayerNormDirectKernel(const LayerNormRows& rows) {
  return std::make_unique<LayerNormDirectKernel>(rows);
}

}  // namespace lenslet
