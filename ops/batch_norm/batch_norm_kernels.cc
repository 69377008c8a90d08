#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/batch_norm/batch_norm_lanes_rows.h"
#include "lenslet/ops/batch_norm/kernels.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class BatchNormReferenceKernel : public Kernel {
 public:
  BatchNormReferenceKernel(const BatchNormSpec& spec, int64_t positions)
      : spec_(spec),
        positions_(positions),
        mean_(spec.channels),
        variance_(spec.channels) {}

  void Forward(int64_t images) override {
    const int64_t rows = images * positions_;
    for (int64_t c = 0; c < spec_.channels; ++c) {
      if (buffers().training) {
        ComputeStatistics(rows, c);
      } else {
        mean_[c] = ParameterData(2)[c];
        variance_[c] = ParameterData(3)[c];
      }
      for (int64_t row = 0; row < rows; ++row) {
        OutputData()[At(row, c)] = static_cast<float>(
            ParameterData(0)[c] * Normalized(row, c) + ParameterData(1)[c]);
      }
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    LENSLET_CHECK(buffers().training);
    const int64_t rows = images * positions_;
    for (int64_t c = 0; c < spec_.channels; ++c) {
      double dy_sum = 0;
      double dy_z_sum = 0;
      for (int64_t row = 0; row < rows; ++row) {
        const double dy = buffers().output_gradient[At(row, c)];
        dy_sum += dy;
        dy_z_sum += dy * Normalized(row, c);
      }
      const auto add = [&](int parameter, double gradient) {
        if (parameter_gradients[parameter] == nullptr) return;
        parameter_gradients[parameter][c] += static_cast<float>(gradient);
      };
      add(0, dy_z_sum);
      add(1, dy_sum);
      const double images_momentum = images * spec_.momentum;
      add(2, images_momentum * (mean_[c] - ParameterData(2)[c]));
      if (rows > 1) {
        const double unbiased = variance_[c] * rows / (rows - 1);
        add(3, images_momentum * (unbiased - ParameterData(3)[c]));
      }
      if (buffers().input_gradients[0] == nullptr) continue;
      for (int64_t row = 0; row < rows; ++row) {
        const double dz = buffers().output_gradient[At(row, c)] -
                          dy_sum / rows - Normalized(row, c) * dy_z_sum / rows;
        buffers().input_gradients[0][At(row, c)] =
            static_cast<float>(ParameterData(0)[c] * dz / Deviation(c));
      }
    }
  }

 private:
  int64_t At(int64_t row, int64_t c) const { return row * spec_.channels + c; }

  double Input(int64_t row, int64_t c) const {
    return InputData(0)[At(row, c)];
  }

  double Deviation(int64_t c) const {
    return std::sqrt(variance_[c] + spec_.epsilon);
  }

  double Normalized(int64_t row, int64_t c) const {
    return (Input(row, c) - mean_[c]) / Deviation(c);
  }

  void ComputeStatistics(int64_t rows, int64_t c) {
    double sum = 0;
    for (int64_t row = 0; row < rows; ++row) sum += Input(row, c);
    mean_[c] = sum / rows;
    double squares = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const double difference = Input(row, c) - mean_[c];
      squares += difference * difference;
    }
    variance_[c] = squares / rows;
  }

  const BatchNormSpec spec_;
  const int64_t positions_;
  // Of the last Forward().
  std::vector<double> mean_;
  std::vector<double> variance_;
};

}  // namespace

std::unique_ptr<Kernel> MakeBatchNormReferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions) {
  return std::make_unique<BatchNormReferenceKernel>(spec, positions);
}

namespace {

class BatchNormLanesKernel : public Kernel {
 public:
  BatchNormLanesKernel(const BatchNormSpec& spec, int64_t positions, bool add,
                       bool relu)
      : spec_(spec), positions_(positions), add_(add), relu_(relu) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    if (add_ && !buffers.training) {
      return absl::UnimplementedError(
          "batch normalization adds another array only in training");
    }
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    for (std::vector<float>* array : {&center_, &factor_, &shift_}) {
      array->resize(spec_.channels);
    }
    if (!this->buffers().training) return absl::OkStatus();
    for (std::vector<double>* array : {&mean_, &variance_, &sums_, &x_sums_}) {
      array->resize(spec_.channels);
    }
    for (std::vector<float>* array : {&dz_factor_, &x_factor_, &dx_shift_}) {
      array->resize(spec_.channels);
    }
    memory_.resize(BatchNormSumMemory(BlockOf(1)));
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    if (buffers().training) return absl::OkStatus();
    for (int64_t c = 0; c < spec_.channels; ++c) {
      const double deviation = std::sqrt(ParameterData(3)[c] + spec_.epsilon);
      center_[c] = ParameterData(2)[c];
      factor_[c] = static_cast<float>(Scale(c) / deviation);
      shift_[c] = ParameterData(1)[c];
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const BatchNormBlock block = BlockOf(images);
    if (buffers().training) ComputeStatistics(block);
    Normalize(block, relu_, InputData(0), normalization(),
              add_ ? InputData(1) : nullptr, OutputData());
    // By statistics that are not theirs, missing images could grow from layer
    // to layer without bound.
    if (buffers().training) {
      ClearMissingLanes(images, positions_ * spec_.channels, OutputData());
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    LENSLET_CHECK(buffers().training);
    const BatchNormBlock block = BlockOf(images);
    SumGradients(block, rectified(), InputData(0), normalization(),
                 memory_.data(), sums_.data(), x_sums_.data());
    for (int64_t c = 0; c < spec_.channels; ++c) {
      // Of dz * z, from that of dz * (x - center).
      x_sums_[c] =
          (x_sums_[c] + (center_[c] - mean_[c]) * sums_[c]) / Deviation(c);
    }
    AddParameterGradients(images, parameter_gradients);
    float* dx = buffers().input_gradients[0];
    float* added_gradient = add_ ? buffers().input_gradients[1] : nullptr;
    if (dx == nullptr && added_gradient == nullptr) return;
    const double m = static_cast<double>(images * positions_);
    for (int64_t c = 0; c < spec_.channels; ++c) {
      const double dz_factor = Scale(c) / Deviation(c);
      const double x_factor = -dz_factor * x_sums_[c] / m / Deviation(c);
      dz_factor_[c] = static_cast<float>(dz_factor);
      x_factor_[c] = static_cast<float>(x_factor);
      dx_shift_[c] = static_cast<float>((center_[c] - mean_[c]) * x_factor -
                                        dz_factor * sums_[c] / m);
    }
    NormalizeGradient(block, rectified(), InputData(0), normalization(),
                      {.dz_factor = dz_factor_.data(),
                       .x_factor = x_factor_.data(),
                       .shift = dx_shift_.data()},
                      dx, added_gradient);
    if (dx == nullptr) return;
    // There the averages do not belong.
    ClearMissingLanes(images, positions_ * spec_.channels, dx);
  }

 private:
  BatchNormBlock BlockOf(int64_t images) const {
    return {
        .images = images, .positions = positions_, .channels = spec_.channels};
  }

  BatchNormNormalization normalization() const {
    return {.center = center_.data(),
            .factor = factor_.data(),
            .shift = shift_.data()};
  }

  BatchNormOutputGradient rectified() const {
    return {.dy = buffers().output_gradient,
            .relu = relu_,
            .y = relu_ && add_ ? OutputData() : nullptr};
  }

  double Scale(int64_t c) const { return ParameterData(0)[c]; }

  double Deviation(int64_t c) const {
    return std::sqrt(variance_[c] + spec_.epsilon);
  }

  // And what Normalize() needs. A mean's rounding to float is made up for.
  void ComputeStatistics(const BatchNormBlock& block) {
    const float* x = InputData(0);
    const double m = static_cast<double>(block.images * positions_);
    for (int64_t c = 0; c < spec_.channels; ++c) center_[c] = x[c * kLanes];
    SumDifferences(block, x, center_.data(), memory_.data(), sums_.data());
    for (int64_t c = 0; c < spec_.channels; ++c) {
      mean_[c] = center_[c] + sums_[c] / m;
      center_[c] = static_cast<float>(mean_[c]);
    }
    SumSquares(block, x, center_.data(), memory_.data(), sums_.data());
    for (int64_t c = 0; c < spec_.channels; ++c) {
      const double rounding = center_[c] - mean_[c];
      variance_[c] = std::max(0.0, sums_[c] / m - rounding * rounding);
      const double factor = Scale(c) / Deviation(c);
      factor_[c] = static_cast<float>(factor);
      shift_[c] = static_cast<float>(ParameterData(1)[c] + rounding * factor);
    }
  }

  void AddParameterGradients(int64_t images,
                             absl::Span<float* const> gradients) const {
    const int64_t m = images * positions_;
    const double images_momentum = images * spec_.momentum;
    for (int64_t c = 0; c < spec_.channels; ++c) {
      const auto add = [&](int parameter, double gradient) {
        if (gradients[parameter] == nullptr) return;
        gradients[parameter][c] += static_cast<float>(gradient);
      };
      add(0, x_sums_[c]);
      add(1, sums_[c]);
      add(2, images_momentum * (mean_[c] - ParameterData(2)[c]));
      if (m == 1) continue;
      const double unbiased = variance_[c] * m / (m - 1);
      add(3, images_momentum * (unbiased - ParameterData(3)[c]));
    }
  }

  const BatchNormSpec spec_;
  const int64_t positions_;
  const bool add_;
  const bool relu_;
  // Of the last Forward() in training.
  std::vector<double> mean_;
  std::vector<double> variance_;
  // What Normalize() works with. The center is close to the mean.
  std::vector<float> center_;
  std::vector<float> factor_;
  std::vector<float> shift_;
  // What NormalizeGradient() works with.
  std::vector<float> dz_factor_;
  std::vector<float> x_factor_;
  std::vector<float> dx_shift_;
  std::vector<double> sums_;
  std::vector<double> x_sums_;
  std::vector<double> memory_;
};

}  // namespace

std::unique_ptr<Kernel> MakeBatchNormLanesKernel(const BatchNormSpec& spec,
                                                 int64_t positions, bool add,
                                                 bool relu) {
  return std::make_unique<BatchNormLanesKernel>(spec, positions, add, relu);
}

namespace {

class BatchNormInferenceKernel : public Kernel {
 public:
  BatchNormInferenceKernel(const BatchNormSpec& spec, int64_t positions,
                           bool relu)
      : spec_(spec),
        positions_(positions),
        relu_(relu),
        factor_(spec.channels + kLanes - 1) {}

  absl::Status Bind(KernelBuffers buffers) override {
    if (buffers.training || buffers.output_gradient != nullptr) {
      return absl::UnimplementedError(
          "batch normalization trains in lanes or on the reference backend");
    }
    return Kernel::Bind(std::move(buffers));
  }

  absl::Status ParametersChanged() override {
    for (int64_t c = 0; c < spec_.channels; ++c) {
      factor_[c] = static_cast<float>(
          ParameterData(0)[c] / std::sqrt(ParameterData(3)[c] + spec_.epsilon));
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    NormalizeChannels(images * positions_, spec_.channels, relu_, InputData(0),
                      /*center=*/ParameterData(2), factor_.data(),
                      /*shift=*/ParameterData(1), OutputData());
  }

  void Backward(int64_t, absl::Span<float* const>) override {
    LENSLET_CHECK(false);
  }

 private:
  const BatchNormSpec spec_;
  const int64_t positions_;
  const bool relu_;
  std::vector<float> factor_;  // And what a last vector reads past them.
};

}  // namespace

std::unique_ptr<Kernel> MakeBatchNormInferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions,
                                                     bool relu) {
  return std::make_unique<BatchNormInferenceKernel>(spec, positions, relu);
}

}  // namespace lenslet
