#include "lenslet/ops/add/add_xnnpack.h"

#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/add/add_arrays.h"
#include "lenslet/ops/xnnpack.h"

namespace lenslet {
namespace {

class AddXnnpackKernel : public Kernel {
 public:
  AddXnnpackKernel(int64_t elements, XnnOperator op)
      : elements_(elements), op_(std::move(op)) {}

  void Forward(int64_t images) override {
    const absl::Span<const float* const> x = buffers().inputs;
    float* y = buffers().output;
    Run(images, x[0], x[1], y);
    for (const float* more : x.subspan(2)) Run(images, y, more, y);
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
