#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/activation/kernels.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

double SigmoidOf(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// Of the standard normal distribution.
double Distribution(double x) { return std::erfc(-x * M_SQRT1_2) / 2; }
double Density(double x) {
  return std::exp(-x * x / 2) * (M_SQRT1_2 * M_2_SQRTPI / 2);
}

// factor * x in the limit: 0 for a factor of 0, even if x is infinite.
double Times(double factor, double x) { return factor == 0 ? 0 : factor * x; }

// A NaN, which is not ordered, stays one.
double Clipped(double x, double min, double max) {
  return x <= min ? min : x >= max ? max : x;
}

double Value(const ActivationSpec& spec, double x) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return SigmoidOf(x);
    case ActivationKind::kTanh:
      return std::tanh(x);
    case ActivationKind::kRelu:
      // A NaN, which is not ordered, stays one.
      return x <= 0 ? 0.0 : x;
    case ActivationKind::kLeakyRelu:
      return x > 0 ? x : spec.slope * x;
    case ActivationKind::kElu:
      return x > 0 ? x : spec.alpha * std::expm1(x);
    case ActivationKind::kGelu:
      return Times(Distribution(x), x);
    case ActivationKind::kSilu:
      return Times(SigmoidOf(x), x);
    case ActivationKind::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case ActivationKind::kClip:
      return Clipped(x, spec.min, spec.max);
    case ActivationKind::kHardSigmoid:
      return Clipped(spec.hard_slope * x + spec.offset, 0, 1);
    case ActivationKind::kHardSwish:
      return Times(Clipped(x / 6 + 0.5, 0, 1), x);
  }
  return x;
}

double Derivative(const ActivationSpec& spec, double x) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return SigmoidOf(x) * SigmoidOf(-x);
    case ActivationKind::kTanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case ActivationKind::kRelu:
      return x > 0 ? 1.0 : 0.0;
    case ActivationKind::kLeakyRelu:
      return x > 0 ? 1.0 : spec.slope;
    case ActivationKind::kElu:
      return x > 0 ? 1.0 : spec.alpha * std::exp(x);
    case ActivationKind::kGelu:
      return Distribution(x) + Times(Density(x), x);
    case ActivationKind::kSilu:
      return Times(SigmoidOf(x), 1 + Times(SigmoidOf(-x), x));
    case ActivationKind::kSoftplus:
      return SigmoidOf(x);
    case ActivationKind::kClip:
      return x > spec.min && x < spec.max ? 1.0 : 0.0;
    case ActivationKind::kHardSigmoid: {
      const double y = spec.hard_slope * x + spec.offset;
      return y > 0 && y < 1 ? spec.hard_slope : 0.0;
    }
    case ActivationKind::kHardSwish:
      return x <= -3 ? 0.0 : x >= 3 ? 1.0 : x / 3 + 0.5;
  }
  return 1.0;
}

class ActivationReferenceKernel : public Kernel {
 public:
  ActivationReferenceKernel(const ActivationSpec& spec, int64_t elements)
      : spec_(spec), elements_(elements) {}

  void Forward(int64_t images) override {
    for (int64_t i = 0; i < images * elements_; ++i) {
      OutputData()[i] = static_cast<float>(Value(spec_, InputData(0)[i]));
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t i = 0; i < images * elements_; ++i) {
      dx[i] = static_cast<float>(buffers().output_gradient[i] *
                                 Derivative(spec_, InputData(0)[i]));
    }
  }

 private:
  const ActivationSpec spec_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationReferenceKernel(
    const ActivationSpec& spec, int64_t elements) {
  return std::make_unique<ActivationReferenceKernel>(spec, elements);
}

namespace {

class ActivationLanesKernel : public Kernel {
 public:
  ActivationLanesKernel(const ActivationSpec& spec, int64_t elements)
      : spec_(spec), elements_(elements) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    Activate(spec_, Size(images), InputData(0), OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    const float* kept =
        GradientFromOutput(spec_.kind) ? OutputData() : InputData(0);
    ActivationGradient(spec_, Size(images), kept, buffers().output_gradient,
                       dx);
  }

 private:
  int64_t Size(int64_t images) const {
    return RoomForImages(layout(), images) * elements_;
  }

  const ActivationSpec spec_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationLanesKernel(const ActivationSpec& spec,
                                                  int64_t elements) {
  return std::make_unique<ActivationLanesKernel>(spec, elements);
}

namespace {

class ActivationDirectKernel : public InferenceKernel {
 public:
  ActivationDirectKernel(const ActivationSpec& spec, int64_t elements)
      : spec_(spec), elements_(elements) {}

  void Forward(int64_t images) override {
    Activate(spec_, images * elements_, InputData(0), OutputData());
  }

 private:
  const ActivationSpec spec_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationDirectKernel(const ActivationSpec& spec,
                                                   int64_t elements) {
  return std::make_unique<ActivationDirectKernel>(spec, elements);
}

namespace {

class ActivationXnnpackKernel : public Kernel {
 public:
  ActivationXnnpackKernel(const ActivationSpec& spec, int64_t elements,
                          XnnOperator op)
      : spec_(spec), elements_(elements), op_(std::move(op)) {}

  void Forward(int64_t images) override {
    const float* x = InputData(0);
    float* y = OutputData();
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
    } else if (spec_.kind == ActivationKind::kHardSwish) {
      // XNNPACK multiplies -infinity by 0.
      for (int64_t i = 0; i < size; ++i) y[i] = x[i] <= -3 ? 0.0f : y[i];
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    const float* dy = buffers().output_gradient;
    const float* x = InputData(0);
    const float* y = OutputData();
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
      case ActivationKind::kClip:
        for (int64_t i = 0; i < size; ++i) {
          dx[i] = y[i] > spec_.min && y[i] < spec_.max ? dy[i] : 0.0f;
        }
        break;
      case ActivationKind::kHardSwish:
        for (int64_t i = 0; i < size; ++i) {
          dx[i] = x[i] <= -3  ? 0.0f
                  : x[i] >= 3 ? dy[i]
                              : dy[i] * (x[i] * (1.0f / 3) + 0.5f);
        }
        break;
      case ActivationKind::kGelu:
      case ActivationKind::kSoftplus:
      case ActivationKind::kHardSigmoid:
        break;
    }
  }

 private:
  // Numbers from here on have a sigmoid of 0, and from -kFar of 1.
  static constexpr float kFar = -200;

  // Setting up an element-wise operator only stores its arguments; input and
  // output may be the same.
  void Run(int64_t images, const float* from, float* to) {
    CheckXnn(SetUp()(op_.get(), images * elements_, from, to,
                     /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  decltype(&xnn_setup_sigmoid_nc_f32) SetUp() const {
    switch (spec_.kind) {
      case ActivationKind::kRelu:
      case ActivationKind::kClip:
        return &xnn_setup_clamp_nc_f32;
      case ActivationKind::kHardSwish:
        return &xnn_setup_hardswish_nc_f32;
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

// Numbers are images of one channel, and as many as there are.
xnn_status CreateOperator(const ActivationSpec& spec, xnn_operator_t* created) {
  switch (spec.kind) {
    case ActivationKind::kRelu:
      return xnn_create_clamp_nc_f32(/*channels=*/1, /*input_stride=*/1,
                                     /*output_stride=*/1,
                                     /*output_min=*/0.0f, kXnnNoMax,
                                     /*flags=*/0, created);
    case ActivationKind::kClip:
      return xnn_create_clamp_nc_f32(/*channels=*/1, /*input_stride=*/1,
                                     /*output_stride=*/1, spec.min, spec.max,
                                     /*flags=*/0, created);
    case ActivationKind::kHardSwish:
      return xnn_create_hardswish_nc_f32(/*channels=*/1, /*input_stride=*/1,
                                         /*output_stride=*/1,
                                         /*flags=*/0, created);
    case ActivationKind::kLeakyRelu:
      return xnn_create_leaky_relu_nc_f32(/*channels=*/1, /*input_stride=*/1,
                                          /*output_stride=*/1, spec.slope,
                                          /*flags=*/0, created);
    case ActivationKind::kElu:
      return xnn_create_elu_nc_f32(/*channels=*/1, /*input_stride=*/1,
                                   /*output_stride=*/1, spec.alpha,
                                   /*flags=*/0, created);
    default:
      return xnn_create_sigmoid_nc_f32(/*channels=*/1, /*input_stride=*/1,
                                       /*output_stride=*/1,
                                       /*flags=*/0, created);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationXnnpackKernel(
    const ActivationSpec& spec, int64_t elements) {
  if (spec.kind == ActivationKind::kGelu ||
      spec.kind == ActivationKind::kSoftplus ||
      spec.kind == ActivationKind::kHardSigmoid) {
    return absl::UnimplementedError(
        absl::StrCat("XNNPACK has no ", Name(spec.kind)));
  }
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      Name(spec.kind),
      [&](xnn_operator_t* created) { return CreateOperator(spec, created); },
      op));
  return std::make_unique<ActivationXnnpackKernel>(spec, elements,
                                                   std::move(op));
}

}  // namespace lenslet
