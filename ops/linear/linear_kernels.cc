#include <algorithm>
#include <array>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/bias_gradient.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/row_sums.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/linear/kernels.h"
#include "lenslet/ops/transposed_product.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class LinearReferenceKernel : public Kernel {
 public:
  LinearReferenceKernel(const LinearSpec& spec, int64_t rows)
      : in_(spec.input_features),
        out_(spec.output_features),
        has_bias_(spec.has_bias),
        rows_(rows) {}

  void Forward(int64_t images) override {
    const float* x = InputData(0);
    const float* w = ParameterData(0);
    const float* bias = has_bias_ ? ParameterData(1) : nullptr;
    for (int64_t n = 0; n < images * rows_; ++n) {
      for (int64_t o = 0; o < out_; ++o) {
        double sum = bias == nullptr ? 0.0 : bias[o];
        for (int64_t i = 0; i < in_; ++i) {
          sum += static_cast<double>(x[n * in_ + i]) * w[o * in_ + i];
        }
        OutputData()[n * out_ + o] = static_cast<float>(sum);
      }
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t rows = images * rows_;
    if (parameter_gradients[0] != nullptr) {
      AddWeightGradient(rows, parameter_gradients[0]);
    }
    if (has_bias_ && parameter_gradients[1] != nullptr) {
      AddBiasGradient(rows, parameter_gradients[1]);
    }
    if (buffers().input_gradients[0] != nullptr) WriteInputGradient(rows);
  }

 private:
  double OutputGradient(int64_t n, int64_t o) const {
    return buffers().output_gradient[n * out_ + o];
  }

  // dw[o, i] = sum over n of dy[n, o] * x[n, i]
  void AddWeightGradient(int64_t rows, float* gradient) const {
    for (int64_t o = 0; o < out_; ++o) {
      for (int64_t i = 0; i < in_; ++i) {
        double sum = 0;
        for (int64_t n = 0; n < rows; ++n) {
          sum += OutputGradient(n, o) * InputData(0)[n * in_ + i];
        }
        gradient[o * in_ + i] += static_cast<float>(sum);
      }
    }
  }

  // dbias[o] = sum over n of dy[n, o]
  void AddBiasGradient(int64_t rows, float* gradient) const {
    for (int64_t o = 0; o < out_; ++o) {
      double sum = 0;
      for (int64_t n = 0; n < rows; ++n) sum += OutputGradient(n, o);
      gradient[o] += static_cast<float>(sum);
    }
  }

  // dx[n, i] = sum over o of dy[n, o] * w[o, i]
  void WriteInputGradient(int64_t rows) const {
    for (int64_t n = 0; n < rows; ++n) {
      for (int64_t i = 0; i < in_; ++i) {
        double sum = 0;
        for (int64_t o = 0; o < out_; ++o) {
          sum += OutputGradient(n, o) * ParameterData(0)[o * in_ + i];
        }
        buffers().input_gradients[0][n * in_ + i] = static_cast<float>(sum);
      }
    }
  }

  const int64_t in_;
  const int64_t out_;
  const bool has_bias_;
  const int64_t rows_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearReferenceKernel(const LinearSpec& spec,
                                                  int64_t rows) {
  return std::make_unique<LinearReferenceKernel>(spec, rows);
}

namespace {

class LinearDirectKernel : public InferenceKernel {
 public:
  LinearDirectKernel(const LinearSpec& spec, int64_t rows, int64_t images,
                     std::optional<ActivationSpec> activation)
      : spec_(spec),
        rows_(rows),
        activation_(activation),
        sums_rows_(rows == 1 &&
                   PrefersRowSums(spec.output_features, spec.input_features)),
        tile_(sums_rows_ ? ChooseRowSumsTile(spec.output_features)
                         : ChooseChannelSumsTile(rows * images,
                                                 spec.output_features)) {}

  absl::Status ParametersChanged() override {
    PackChannelWeights(tile_, spec_.output_features, spec_.input_features,
                       ParameterData(0), packed_weight_.data());
    if (spec_.has_bias) {
      std::copy_n(ParameterData(1), spec_.output_features, packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    if (sums_rows_) {
      SumRows(images);
    } else {
      SumTiles(images * rows_);
    }
    ActivateUnlessRelu(activation_, images * rows_ * spec_.output_features,
                       OutputData());
  }

 private:
  void SumRows(int64_t rows) {
    RowSums sums = {.channels = spec_.output_features,
                    .steps = spec_.input_features,
                    .x = InputData(0),
                    .packed_w = packed_weight_.data(),
                    .packed_start = packed_bias_.data(),
                    .y = OutputData()};
    if (IsRelu(activation_)) sums.minimum = 0;
    for (int64_t row = 0; row < rows; ++row) {
      ComputeRowSums(sums, tile_);
      sums.x += spec_.input_features;
      sums.y += spec_.output_features;
    }
  }

  void SumTiles(int64_t rows) {
    const std::array runs = {ChannelRun{.count = spec_.input_features}};
    ChannelSums sums = {.runs = runs,
                        .positions = rows,
                        .channels = spec_.output_features,
                        .steps = spec_.input_features,
                        .x = InputData(0),
                        .x_stride = spec_.input_features,
                        .packed_w = packed_weight_.data(),
                        .packed_start = packed_bias_.data(),
                        .y = OutputData(),
                        .y_stride = spec_.output_features};
    // A rectifier costs nothing while the sums are still in registers.
    if (IsRelu(activation_)) sums.minimum = 0;
    ComputeChannelSums(sums, tile_);
  }

  absl::Status Allocate() override {
    const int64_t outputs = PackedChannels(spec_.output_features);
    LENSLET_ASSIGN_OR_RETURN(const Shape weight,
                             Shape::Create({spec_.input_features, outputs}));
    LENSLET_ASSIGN_OR_RETURN(packed_weight_,
                             Tensor::Create(ElementType::kFloat32, weight));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, {outputs}));
    return absl::OkStatus();
  }

  const LinearSpec spec_;
  const int64_t rows_;
  const std::optional<ActivationSpec> activation_;
  const bool sums_rows_;
  const TileSize tile_;
  Tensor packed_weight_;
  Tensor packed_bias_;  // Zero if there is none.
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearDirectKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation) {
  return std::make_unique<LinearDirectKernel>(spec, rows, images, activation);
}

namespace {

class LinearXnnpackKernel : public Kernel {
 public:
  LinearXnnpackKernel(const LinearSpec& spec, int64_t rows)
      : in_(spec.input_features),
        out_(spec.output_features),
        has_bias_(spec.has_bias),
        rows_(rows) {}

  absl::Status ParametersChanged() override {
    const float* weight = ParameterData(0);
    const float* bias = has_bias_ ? ParameterData(1) : nullptr;
    LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
        "linear operator",
        [&](xnn_operator_t* op) {
          return xnn_create_fully_connected_nc_f32(in_, out_, in_, out_, weight,
                                                   bias, kXnnNoMin, kXnnNoMax,
                                                   /*flags=*/0, op);
        },
        forward_));
    if (!WantsInputGradient()) return absl::OkStatus();
    // dx = dy * w: a linear operator from outputs to inputs whose weight is w
    // as it lies there, transposed.
    return CreateXnnOperator(
        "linear operator",
        [&](xnn_operator_t* op) {
          return xnn_create_fully_connected_nc_f32(
              out_, in_, out_, in_, weight, /*bias=*/nullptr, kXnnNoMin,
              kXnnNoMax, XNN_FLAG_TRANSPOSE_WEIGHTS, op);
        },
        input_gradient_);
  }

  void Forward(int64_t images) override {
    Run(forward_, images * rows_, InputData(0), OutputData());
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t rows = images * rows_;
    const float* dy = buffers().output_gradient;
    if (parameter_gradients[0] != nullptr) {
      AddTransposedProduct({.rows = rows,
                            .m = out_,
                            .n = in_,
                            .a = {.data = dy, .row_stride = out_},
                            .b = {.data = InputData(0), .row_stride = in_},
                            .c = parameter_gradients[0],
                            .c_stride = in_},
                           ChooseTransposedProductTile(out_, in_));
    }
    if (has_bias_ && parameter_gradients[1] != nullptr) {
      AddBiasGradient(rows, out_, dy, parameter_gradients[1]);
    }
    if (WantsInputGradient()) {
      Run(input_gradient_, rows, dy, buffers().input_gradients[0]);
    }
  }

 private:
  bool WantsInputGradient() const {
    return buffers().output_gradient != nullptr &&
           buffers().input_gradients[0] != nullptr;
  }

  // Setting up a fully connected operator only stores its arguments.
  static void Run(const XnnOperator& op, int64_t rows, const float* from,
                  float* to) {
    CheckXnn(xnn_setup_fully_connected_nc_f32(op.get(), rows, from, to,
                                              /*threadpool=*/nullptr));
    RunXnn(op);
  }

  const int64_t in_;
  const int64_t out_;
  const bool has_bias_;
  const int64_t rows_;
  XnnOperator forward_;
  XnnOperator input_gradient_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearXnnpackKernel(const LinearSpec& spec,
                                                int64_t rows) {
  return std::make_unique<LinearXnnpackKernel>(spec, rows);
}

}  // namespace lenslet
