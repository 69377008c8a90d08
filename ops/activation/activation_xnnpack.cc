#include "lenslet/ops/activation/activation_xnnpack.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/xnnpack.h"

namespace lenslet {
namespace {

class ActivationXnnpackKernel : public Kernel {
 public:
  ActivationXnnpackKernel(const ActivationSpec& spec, int64_t elements,
                          XnnOperator op)
      : spec_(spec), elements_(elements), op_(std::move(op)) {}

  void Forward(int64_t images) override {
    const float* x = buffers().inputs[0];
    float* y = buffers().output;
    const int64_t size = images * elements_;
    if (spec_.kind == ActivationKind::kTanh) {
      for (int64_t i = 0; i < size; ++i) y[i] = 2.0f * x[i];
      Run(images, y, y);
      for (int64_t i = 0; i < size; ++i) y[i] = 2.0f * y[i] - 1.0f;
      return;
    }
    Run(images, x, y);
    if (spec_.kind == ActivationKind::kSilu) {
      // For an infinite x, its sigmoid may be 0.
      for (int64_t i = 0; i < size; ++i) y[i] *= std::max(x[i], kFar);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    const float* dy = buffers().output_gradient;
    const float* x = buffers().inputs[0];
    const float* y = buffers().output;
    const int64_t size = images * elements_;
    switch (spec_.kind) {
      case ActivationKind::kSigmoid:
        for (int64_t i = 0; i < size; ++i) dx[i] = dy[i] * y[i] * (1 - y[i]);
        break;
      case ActivationKind::kTanh:
        for (int64_t i = 0; i < size; ++i) dx[i] = dy[i] * (1 - y[i] * y[i]);
        break;
      case ActivationKind::kRelu:
        for (int64_t i = 0; i < size; ++i) dx[i] = y[i] > 0 ? dy[i] : 0.0f;
        break;
      case ActivationKind::kLeakyRelu:
        for (int64_t i = 0; i < size; ++i) {
          dx[i] = y[i] > 0 ? dy[i] : dy[i] * spec_.slope;
        }
        break;
      case ActivationKind::kElu:
        for (int64_t i = 0; i < size; ++i) {
          dx[i] = y[i] > 0 ? dy[i] : dy[i] * (y[i] + spec_.alpha);
        }
        break;
      case ActivationKind::kSilu:
        Run(images, x, dx);
        for (int64_t i = 0; i < size; ++i) {
          const float bounded = std::min(std::max(x[i], kFar), -kFar);
          dx[i] = dy[i] * dx[i] * (1 + bounded * (1 - dx[i]));
        }
        break;
      case ActivationKind::kGelu:
      case ActivationKind::kSoftplus:
        break;
    }
  }

 private:
  // Numbers from here on have a sigmoid of 0, and from -kFar of 1.
  static constexpr float kFar = -200;

  // Setting up an element-wise operator only stores its arguments; input and
  // output may be the same.
  void Run(int64_t images, const float* from, float* to) {
    CheckXnn(SetUp()(op_.get(), images, from, to, /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  decltype(&xnn_setup_sigmoid_nc_f32) SetUp() const {
    switch (spec_.kind) {
      case ActivationKind::kRelu:
        return &xnn_setup_clamp_nc_f32;
      case ActivationKind::kLeakyRelu:
        return &xnn_setup_leaky_relu_nc_f32;
      case ActivationKind::kElu:
        return &xnn_setup_elu_nc_f32;
      default:
        return &xnn_setup_sigmoid_nc_f32;
    }
  }

  const ActivationSpec spec_;
  const int64_t elements_;
  XnnOperator op_;
};

xnn_status CreateOperator(const ActivationSpec& spec, int64_t elements,
                          xnn_operator_t* created) {
  switch (spec.kind) {
    case ActivationKind::kRelu:
      return xnn_create_clamp_nc_f32(elements, elements, elements,
                                     /*output_min=*/0.0f, kXnnNoMax,
                                     /*flags=*/0, created);
    case ActivationKind::kLeakyRelu:
      return xnn_create_leaky_relu_nc_f32(elements, elements, elements,
                                          spec.slope, /*flags=*/0, created);
    case ActivationKind::kElu:
      return xnn_create_elu_nc_f32(elements, elements, elements, spec.alpha,
                                   /*flags=*/0, created);
    default:
      return xnn_create_sigmoid_nc_f32(elements, elements, elements,
                                       /*flags=*/0, created);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationXnnpackKernel(
    const ActivationSpec& spec, int64_t elements) {
  if (spec.kind == ActivationKind::kGelu ||
      spec.kind == ActivationKind::kSoftplus) {
    return absl::UnimplementedError(
        absl::StrCat("XNNPACK has no ", Name(spec.kind)));
  }
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      Name(spec.kind),
      [&](xnn_operator_t* created) {
        return CreateOperator(spec, elements, created);
      },
      op));
  return std::make_unique<ActivationXnnpackKernel>(spec, elements,
                                                   std::move(op));
}

}  // namespace lenslet
