#include "lenslet/ops/batch_norm/batch_norm_reference.h"

#include <cmath>
#include <vector>

#include "lenslet/base/check.h"

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
        mean_[c] = buffers().parameters[2][c];
        variance_[c] = buffers().parameters[3][c];
      }
      for (int64_t row = 0; row < rows; ++row) {
        buffers().output[At(row, c)] =
            static_cast<float>(buffers().parameters[0][c] * Normalized(row, c) +
                               buffers().parameters[1][c]);
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
      add(2, images_momentum * (mean_[c] - buffers().parameters[2][c]));
      if (rows > 1) {
        const double unbiased = variance_[c] * rows / (rows - 1);
        add(3, images_momentum * (unbiased - buffers().parameters[3][c]));
      }
      if (buffers().input_gradients[0] == nullptr) continue;
      for (int64_t row = 0; row < rows; ++row) {
        const double dz = buffers().output_gradient[At(row, c)] -
                          dy_sum / rows - Normalized(row, c) * dy_z_sum / rows;
        buffers().input_gradients[0][At(row, c)] =
            static_cast<float>(buffers().parameters[0][c] * dz / Deviation(c));
      }
    }
  }

 private:
  int64_t At(int64_t row, int64_t c) const { return row * spec_.channels + c; }

  double Input(int64_t row, int64_t c) const {
    return buffers().inputs[0][At(row, c)];
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

}  // namespace lenslet
