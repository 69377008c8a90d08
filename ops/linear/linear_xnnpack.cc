#include "lenslet/ops/linear/linear_xnnpack.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/bias_gradient.h"
#include "lenslet/ops/transposed_product.h"
#include "lenslet/ops/xnnpack.h"

namespace lenslet {
namespace {

class LinearXnnpackKernel : public Kernel {
 public:
  LinearXnnpackKernel(const LinearSpec& spec, int64_t rows)
      : in_(spec.input_features),
        out_(spec.output_features),
        has_bias_(spec.has_bias),
        rows_(rows) {}

  absl::Status ParametersChanged() override {
    const float* weight = buffers().parameters[0];
    const float* bias = has_bias_ ? buffers().parameters[1] : nullptr;
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
    Run(forward_, images * rows_, buffers().inputs[0], buffers().output);
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t rows = images * rows_;
    const float* dy = buffers().output_gradient;
    if (parameter_gradients[0] != nullptr) {
      AddTransposedProduct(
          /*groups=*/1, rows, out_, in_,
          {.data = dy, .group_stride = 0, .row_stride = out_},
          {.data = buffers().inputs[0], .group_stride = 0, .row_stride = in_},
          parameter_gradients[0], in_);
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
