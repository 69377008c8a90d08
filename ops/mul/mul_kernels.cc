#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/broadcast.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/mul/kernels.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class MulReferenceKernel : public Kernel {
 public:
  explicit MulReferenceKernel(absl::Span<const Shape> images)
      : plan_(images), sums_(std::max(plan_.elements(0), plan_.elements(1))) {}

  void Forward(int64_t images) override {
    for (int64_t n = 0; n < images; ++n) {
      ForEachElement([&](int64_t o, int64_t i, int64_t j) {
        OutputData()[n * plan_.output_elements() + o] =
            static_cast<float>(double{Input(n, 0)[i]} * double{Input(n, 1)[j]});
      });
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (const int input : {0, 1}) {
      float* dx = buffers().input_gradients[input];
      if (dx == nullptr) continue;
      for (int64_t n = 0; n < images; ++n) {
        std::fill(sums_.begin(), sums_.end(), 0.0);
        ForEachElement([&](int64_t o, int64_t i, int64_t j) {
          const double dy =
              buffers().output_gradient[n * plan_.output_elements() + o];
          sums_[input == 0 ? i : j] +=
              dy * Input(n, 1 - input)[input == 0 ? j : i];
        });
        for (int64_t i = 0; i < plan_.elements(input); ++i) {
          dx[n * plan_.elements(input) + i] = static_cast<float>(sums_[i]);
        }
      }
    }
  }

 private:
  const float* Input(int64_t image, int input) const {
    return InputData(input) + image * plan_.elements(input);
  }

  // Calls body(o, i, j) for each element o of the output, the product of
  // elements i and j.
  template <typename Body>
  void ForEachElement(Body body) const {
    plan_.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
      const int64_t i = plan_.OffsetOf(0, index);
      const int64_t j = plan_.OffsetOf(1, index);
      for (int64_t k = 0; k < plan_.row(); ++k) {
        body(output + k, i + (plan_.RepeatsInRow(0) ? 0 : k),
             j + (plan_.RepeatsInRow(1) ? 0 : k));
      }
    });
  }

  const BroadcastPlan plan_;
  std::vector<double> sums_;
};

}  // namespace

std::unique_ptr<Kernel> MakeMulReferenceKernel(absl::Span<const Shape> images) {
  return std::make_unique<MulReferenceKernel>(images);
}

namespace {

// y = a * b, for `blocks` arrays whose elements are `unit` floats.
void Multiply(const BroadcastPlan& plan, int64_t blocks, int64_t unit,
              const float* a, const float* b, float* y) {
  for (int64_t block = 0; block < blocks; ++block) {
    plan.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
      float* to = y + output * unit;
      // At most one of them is repeated in a row.
      const bool swap = plan.RepeatsInRow(0);
      const float* row_a = a + plan.OffsetOf(0, index) * unit;
      const float* row_b = b + plan.OffsetOf(1, index) * unit;
      if (swap) std::swap(row_a, row_b);
      ForEachInRow(swap || plan.RepeatsInRow(1), plan.row(), unit,
                   [=](int64_t i, int64_t j) { to[i] = row_a[i] * row_b[j]; });
    });
    a += plan.elements(0) * unit;
    b += plan.elements(1) * unit;
    y += plan.output_elements() * unit;
  }
}

// The gradient w.r.t. an input, whose factor is `other`.
void MulGradient(const BroadcastPlan& plan, int input, int64_t blocks,
                 int64_t unit, const float* other, const float* dy, float* dx) {
  if (plan.Repeats(input)) {
    std::fill_n(dx, blocks * plan.elements(input) * unit, 0.0f);
  }
  for (int64_t block = 0; block < blocks; ++block) {
    plan.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
      const float* from = dy + output * unit;
      const float* factor = other + plan.OffsetOf(1 - input, index) * unit;
      float* to = dx + plan.OffsetOf(input, index) * unit;
      const bool repeats_other = plan.RepeatsInRow(1 - input);
      if (!plan.Repeats(input)) {
        ForEachInRow(
            repeats_other, plan.row(), unit,
            [=](int64_t i, int64_t j) { to[i] = from[i] * factor[j]; });
      } else if (plan.RepeatsInRow(input)) {
        ForEachInRow(true, plan.row(), unit, [=](int64_t i, int64_t j) {
          to[j] += from[i] * factor[i];
        });
      } else {
        ForEachInRow(
            repeats_other, plan.row(), unit,
            [=](int64_t i, int64_t j) { to[i] += from[i] * factor[j]; });
      }
    });
    other += plan.elements(1 - input) * unit;
    dy += plan.output_elements() * unit;
    dx += plan.elements(input) * unit;
  }
}

class MulLanesKernel : public Kernel {
 public:
  explicit MulLanesKernel(absl::Span<const Shape> images) : plan_(images) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    Multiply(plan_, LaneGroups(images), kLanes, InputData(0), InputData(1),
             OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (const int input : {0, 1}) {
      float* dx = buffers().input_gradients[input];
      if (dx == nullptr) continue;
      MulGradient(plan_, input, LaneGroups(images), kLanes,
                  InputData(1 - input), buffers().output_gradient, dx);
    }
  }

 private:
  const BroadcastPlan plan_;
};

}  // namespace

std::unique_ptr<Kernel> MakeMulLanesKernel(absl::Span<const Shape> images) {
  return std::make_unique<MulLanesKernel>(images);
}

namespace {

class MulDirectKernel : public InferenceKernel {
 public:
  explicit MulDirectKernel(absl::Span<const Shape> images) : plan_(images) {}

  void Forward(int64_t images) override {
    Multiply(plan_, images, /*unit=*/1, InputData(0), InputData(1),
             OutputData());
  }

 private:
  const BroadcastPlan plan_;
};

}  // namespace

std::unique_ptr<Kernel> MakeMulDirectKernel(absl::Span<const Shape> images) {
  return std::make_unique<MulDirectKernel>(images);
}

namespace {

class MulXnnpackKernel : public Kernel {
 public:
  MulXnnpackKernel(absl::Span<const Shape> images, XnnOperator op)
      : plan_(images), op_(std::move(op)) {
    for (int i = 0; i < 2; ++i) {
      sizes_[i].push_back(0);
      for (const int64_t dim : images[i].dims()) sizes_[i].push_back(dim);
    }
  }

  // Setting up an element-wise operator only stores its arguments.
  void Forward(int64_t images) override {
    for (std::vector<size_t>& sizes : sizes_) sizes[0] = images;
    CheckXnn(xnn_setup_multiply_nd_f32(
        op_.get(), sizes_[0].size(), sizes_[0].data(), sizes_[1].size(),
        sizes_[1].data(), InputData(0), InputData(1), OutputData(),
        /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (const int input : {0, 1}) {
      float* dx = buffers().input_gradients[input];
      if (dx == nullptr) continue;
      MulGradient(plan_, input, images, /*unit=*/1, InputData(1 - input),
                  buffers().output_gradient, dx);
    }
  }

 private:
  const BroadcastPlan plan_;
  XnnOperator op_;
  std::vector<size_t> sizes_[2];
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeMulXnnpackKernel(
    absl::Span<const Shape> images) {
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "multiplication",
      [](xnn_operator_t* created) {
        return xnn_create_multiply_nd_f32(kXnnNoMin, kXnnNoMax, /*flags=*/0,
                                          created);
      },
      op));
  return std::make_unique<MulXnnpackKernel>(images, std::move(op));
}

}  // namespace lenslet
