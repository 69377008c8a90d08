#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/add/kernels.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

// y = x[0] + x[1] + ..., for at least two arrays of `size` floats; y is not one
// of them.
void AddArrays(absl::Span<const ConstBuffer> x, int64_t size, float* y) {
  const float* a = x[0].data();
  const float* b = x[1].data();
  for (int64_t i = 0; i < size; ++i) y[i] = a[i] + b[i];
  for (const ConstBuffer& more : x.subspan(2)) {
    const float* c = more.data();
    for (int64_t i = 0; i < size; ++i) y[i] += c[i];
  }
}

// Copies dy, of `size` floats, to each array of dx that is not null.
void CopyToAll(const float* dy, int64_t size, absl::Span<float* const> dx) {
  for (float* to : dx) {
    if (to != nullptr) std::copy_n(dy, size, to);
  }
}

class AddReferenceKernel : public Kernel {
 public:
  explicit AddReferenceKernel(int64_t elements) : elements_(elements) {}

  void Forward(int64_t images) override {
    for (int64_t i = 0; i < images * elements_; ++i) {
      double sum = 0;
      for (const ConstBuffer& x : buffers().inputs) sum += x.data()[i];
      OutputData()[i] = static_cast<float>(sum);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (float* dx : buffers().input_gradients) {
      if (dx == nullptr) continue;
      for (int64_t i = 0; i < images * elements_; ++i) {
        dx[i] = buffers().output_gradient[i];
      }
    }
  }

 private:
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddReferenceKernel(int64_t elements) {
  return std::make_unique<AddReferenceKernel>(elements);
}

namespace {

constexpr ActivationSpec kRelu = {.kind = ActivationKind::kRelu};

class AddLanesKernel : public Kernel {
 public:
  AddLanesKernel(int64_t elements, bool relu)
      : elements_(elements), relu_(relu) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    AddArrays(buffers().inputs, Size(images), OutputData());
    if (relu_) Activate(kRelu, Size(images), OutputData(), OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    const float* dy = buffers().output_gradient;
    if (!relu_) {
      CopyToAll(dy, Size(images), buffers().input_gradients);
      return;
    }
    for (float* dx : buffers().input_gradients) {
      if (dx == nullptr) continue;
      ActivationGradient(kRelu, Size(images), OutputData(), dy, dx);
    }
  }

 private:
  int64_t Size(int64_t images) const {
    return RoomForImages(layout(), images) * elements_;
  }

  const int64_t elements_;
  const bool relu_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddLanesKernel(int64_t elements, bool relu) {
  return std::make_unique<AddLanesKernel>(elements, relu);
}

namespace {

class AddDirectKernel : public InferenceKernel {
 public:
  explicit AddDirectKernel(int64_t elements) : elements_(elements) {}

  void Forward(int64_t images) override {
    AddArrays(buffers().inputs, images * elements_, OutputData());
  }

 private:
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddDirectKernel(int64_t elements) {
  return std::make_unique<AddDirectKernel>(elements);
}

namespace {

class AddXnnpackKernel : public Kernel {
 public:
  AddXnnpackKernel(int64_t elements, XnnOperator op)
      : elements_(elements), op_(std::move(op)) {}

  void Forward(int64_t images) override {
    float* y = OutputData();
    Run(images, InputData(0), InputData(1), y);
    for (int i = 2; i < static_cast<int>(buffers().inputs.size()); ++i) {
      Run(images, y, InputData(i), y);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    CopyToAll(buffers().output_gradient, images * elements_,
              buffers().input_gradients);
  }

 private:
  // Setting up an element-wise operator only stores its arguments.
  void Run(int64_t images, const float* a, const float* b, float* y) {
    const size_t size = images * elements_;
    CheckXnn(xnn_setup_add_nd_f32(op_.get(), /*num_input1_dims=*/1, &size,
                                  /*num_input2_dims=*/1, &size, a, b, y,
                                  /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  const int64_t elements_;
  XnnOperator op_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeAddXnnpackKernel(int64_t elements) {
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "addition",
      [](xnn_operator_t* created) {
        return xnn_create_add_nd_f32(kXnnNoMin, kXnnNoMax, /*flags=*/0,
                                     created);
      },
      op));
  return std::make_unique<AddXnnpackKernel>(elements, std::move(op));
}

}  // namespace lenslet
