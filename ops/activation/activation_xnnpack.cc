#include "ops/activation/activation_xnnpack.h"

#include <utility>

#include "base/status_macros.h"
#include "ops/xnnpack.h"

namespace lenslet {
namespace {

class ActivationXnnpackKernel : public Kernel {
 public:
  ActivationXnnpackKernel(const ActivationSpec& spec, int64_t elements,
                          XnnOperator op)
      : kind_(spec.kind), elements_(elements), op_(std::move(op)) {}

  void Forward(int64_t images) override {
    const float* x = buffers().inputs[0];
    float* y = buffers().output;
    const int64_t size = images * elements_;
    if (kind_ == ActivationKind::kTanh) {
      for (int64_t i = 0; i < size; ++i) y[i] = 2.0f * x[i];
      Run(images, y, y);
      for (int64_t i = 0; i < size; ++i) y[i] = 2.0f * y[i] - 1.0f;
    } else {
      Run(images, x, y);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    const float* dy = buffers().output_gradient;
    const float* y = buffers().output;
    const int64_t size = images * elements_;
    switch (kind_) {
      case ActivationKind::kSigmoid:
        for (int64_t i = 0; i < size; ++i) dx[i] = dy[i] * y[i] * (1 - y[i]);
        break;
      case ActivationKind::kTanh:
        for (int64_t i = 0; i < size; ++i) dx[i] = dy[i] * (1 - y[i] * y[i]);
        break;
      case ActivationKind::kRelu:
        for (int64_t i = 0; i < size; ++i) dx[i] = y[i] > 0 ? dy[i] : 0.0f;
        break;
    }
  }

 private:
  // Setting up an element-wise operator only stores its arguments; input and
  // output may be the same.
  void Run(int64_t images, const float* from, float* to) {
    const auto set_up = kind_ == ActivationKind::kRelu
                            ? &xnn_setup_clamp_nc_f32
                            : &xnn_setup_sigmoid_nc_f32;
    CheckXnn(set_up(op_.get(), images, from, to, /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  const ActivationKind kind_;
  const int64_t elements_;
  XnnOperator op_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationXnnpackKernel(
    const ActivationSpec& spec, int64_t elements) {
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      Name(spec.kind),
      [&](xnn_operator_t* created) {
        return spec.kind == ActivationKind::kRelu
                   ? xnn_create_clamp_nc_f32(elements, elements, elements,
                                             /*output_min=*/0.0f, kXnnNoMax,
                                             /*flags=*/0, created)
                   : xnn_create_sigmoid_nc_f32(elements, elements, elements,
                                               /*flags=*/0, created);
      },
      op));
  return std::make_unique<ActivationXnnpackKernel>(spec, elements,
                                                   std::move(op));
}

}  // namespace lenslet
