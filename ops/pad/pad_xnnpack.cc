#include "lenslet/ops/pad/pad_xnnpack.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/pad/pad_copy.h"
#include "lenslet/ops/xnnpack.h"

namespace lenslet {
namespace {

class PadXnnpackKernel : public Kernel {
 public:
  PadXnnpackKernel(const PadGeometry& geometry, XnnOperator op)
      : g_(geometry), copy_(geometry, geometry.channels), op_(std::move(op)) {}

  // Setting up stores the arguments, and allocates nothing.
  void Forward(int64_t images) override {
    const auto sizes = [](int64_t outer, const Axes& axes, int64_t inner) {
      std::array<size_t, 5> all;
      all[0] = outer;
      for (int axis = 0; axis < 3; ++axis) all[axis + 1] = axes[axis];
      all[4] = inner;
      return all;
    };
    const std::array input = sizes(images, g_.input, g_.channels);
    const std::array before = sizes(0, g_.padding.before, 0);
    const std::array after = sizes(0, g_.padding.after, 0);
    CheckXnn(xnn_setup_constant_pad_nd_x32(
        op_.get(), input.size(), input.data(), before.data(), after.data(),
        buffers().inputs[0], buffers().output, /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    copy_.Backward(images, buffers().output_gradient, dx);
  }

 private:
  const PadGeometry g_;
  const PadCopy copy_;
  XnnOperator op_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakePadXnnpackKernel(
    const PadGeometry& geometry) {
  if (geometry.mode != PaddingMode::kZero) {
    return absl::UnimplementedError(
        absl::StrCat("XNNPACK has no ", Name(geometry.mode), " padding"));
  }
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "padding",
      [](xnn_operator_t* created) {
        // The bits of a zero.
        const uint32_t zero = 0;
        return xnn_create_constant_pad_nd_x32(&zero, /*flags=*/0, created);
      },
      op));
  return std::make_unique<PadXnnpackKernel>(geometry, std::move(op));
}

}  // namespace lenslet
