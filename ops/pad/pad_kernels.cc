#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/pad/kernels.h"
#include "lenslet/ops/pad/pad_copy.h"
#include "lenslet/ops/positions.h"
#include "lenslet/ops/xnnpack.h"

namespace lenslet {
namespace {

class PadReferenceKernel : public Kernel {
 public:
  explicit PadReferenceKernel(const PadGeometry& geometry) : g_(geometry) {}

  void Forward(int64_t images) override {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        Axes i = o;
        for (int axis = 0; axis < 3; ++axis) {
          i[axis] = SourceOf(g_.mode, o[axis] - g_.padding.before[axis],
                             g_.input[axis]);
        }
        for (int64_t c = 0; c < g_.channels; ++c) {
          OutputData()[OutputOffset(n, o, c)] =
              IsInside(i, g_.input) ? InputData(0)[InputOffset(n, i, c)] : 0.0f;
        }
      });
    }
  }

  // dx[i] = sum over the positions o that hold a copy of x[i] of dy[o]
  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.input, [&](const Axes& i) {
        for (int64_t c = 0; c < g_.channels; ++c) {
          double sum = 0;
          ForEachCopy(g_.mode, g_.padding, g_.input, i, [&](const Axes& copy) {
            Axes o = copy;
            for (int axis = 0; axis < 3; ++axis) {
              o[axis] += g_.padding.before[axis];
            }
            sum += buffers().output_gradient[OutputOffset(n, o, c)];
          });
          dx[InputOffset(n, i, c)] = static_cast<float>(sum);
        }
      });
    }
  }

 private:
  int64_t InputOffset(int64_t n, const Axes& i, int64_t c) const {
    return OffsetOf(n, i, g_.input, c, g_.channels);
  }
  int64_t OutputOffset(int64_t n, const Axes& o, int64_t c) const {
    return OffsetOf(n, o, g_.output, c, g_.channels);
  }

  const PadGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakePadReferenceKernel(const PadGeometry& geometry) {
  return std::make_unique<PadReferenceKernel>(geometry);
}

namespace {

class PadPlainKernel : public Kernel {
 public:
  PadPlainKernel(const PadGeometry& geometry, Layout layout)
      : layout_(layout),
        copy_(geometry, layout == Layout::kLanes ? geometry.channels * kLanes
                                                 : geometry.channels) {}

  Layout layout() const override { return layout_; }

  void Forward(int64_t images) override {
    copy_.Forward(Count(images), InputData(0), OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    copy_.Backward(Count(images), buffers().output_gradient, dx);
  }

 private:
  // Images, or groups of them.
  int64_t Count(int64_t images) const {
    return layout_ == Layout::kLanes ? LaneGroups(images) : images;
  }

  const Layout layout_;
  const PadCopy copy_;
};

class PadInferenceKernel : public InferenceKernel {
 public:
  explicit PadInferenceKernel(const PadGeometry& geometry)
      : copy_(geometry, geometry.channels) {}

  void Forward(int64_t images) override {
    copy_.Forward(images, InputData(0), OutputData());
  }

 private:
  const PadCopy copy_;
};

}  // namespace

std::unique_ptr<Kernel> MakePadPlainKernel(const PadGeometry& geometry,
                                           Layout layout) {
  return std::make_unique<PadPlainKernel>(geometry, layout);
}

std::unique_ptr<Kernel> MakePadInferenceKernel(const PadGeometry& geometry) {
  return std::make_unique<PadInferenceKernel>(geometry);
}

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
        InputData(0), OutputData(), /*threadpool=*/nullptr));
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
