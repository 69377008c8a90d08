#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/add/add_arrays.h"
#include "lenslet/ops/add/kernels.h"
#include "lenslet/ops/broadcast.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class AddReferenceKernel : public Kernel {
 public:
  explicit AddReferenceKernel(absl::Span<const Shape> images)
      : plan_(images), sums_(plan_.output_elements()) {}

  void Forward(int64_t images) override {
    const int64_t elements = plan_.output_elements();
    for (int64_t n = 0; n < images; ++n) {
      std::fill(sums_.begin(), sums_.end(), 0.0);
      for (int input = 0; input < inputs(); ++input) {
        const float* x = InputData(input) + n * plan_.elements(input);
        ForEachElement(input, [&](int64_t o, int64_t i) { sums_[o] += x[i]; });
      }
      std::copy(sums_.begin(), sums_.end(), OutputData() + n * elements);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    for (int input = 0; input < inputs(); ++input) {
      float* dx = buffers().input_gradients[input];
      if (dx == nullptr) continue;
      const int64_t elements = plan_.elements(input);
      for (int64_t n = 0; n < images; ++n) {
        const float* dy =
            buffers().output_gradient + n * plan_.output_elements();
        std::fill_n(sums_.begin(), elements, 0.0);
        ForEachElement(input, [&](int64_t o, int64_t i) { sums_[i] += dy[o]; });
        std::copy_n(sums_.begin(), elements, dx + n * elements);
      }
    }
  }

 private:
  int inputs() const { return static_cast<int>(buffers().inputs.size()); }

  // Calls body(o, i) for each element o of the output, which element i of the
  // input is added to.
  template <typename Body>
  void ForEachElement(int input, Body body) const {
    plan_.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
      const int64_t first = plan_.OffsetOf(input, index);
      ForEachInRow(plan_.RepeatsInRow(input), plan_.row(), /*unit=*/1,
                   [&](int64_t i, int64_t j) { body(output + i, first + j); });
    });
  }

  const BroadcastPlan plan_;
  std::vector<double> sums_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddReferenceKernel(absl::Span<const Shape> images) {
  return std::make_unique<AddReferenceKernel>(images);
}

namespace {

constexpr ActivationSpec kRelu = {.kind = ActivationKind::kRelu};

// As AddArrays(), of `blocks` arrays whose elements are `unit` floats, and of
// inputs that are repeated.
void AddRepeated(const BroadcastPlan& plan, absl::Span<const ConstBuffer> x,
                 int64_t blocks, int64_t unit, float* y) {
  for (int64_t block = 0; block < blocks; ++block) {
    plan.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
      float* to = y + (block * plan.output_elements() + output) * unit;
      for (int input = 0; input < static_cast<int>(x.size()); ++input) {
        const float* from =
            x[input].data() +
            (block * plan.elements(input) + plan.OffsetOf(input, index)) * unit;
        const bool repeats = plan.RepeatsInRow(input);
        if (input == 0) {
          ForEachInRow(repeats, plan.row(), unit,
                       [=](int64_t i, int64_t j) { to[i] = from[j]; });
        } else {
          ForEachInRow(repeats, plan.row(), unit,
                       [=](int64_t i, int64_t j) { to[i] += from[j]; });
        }
      }
    });
  }
}

void ComputeSum(const BroadcastPlan& plan, absl::Span<const ConstBuffer> x,
                int64_t blocks, int64_t unit, bool relu, float* y) {
  const int64_t size = blocks * plan.output_elements() * unit;
  if (plan.is_trivial()) {
    AddArrays(x, size, relu, y);
    return;
  }
  AddRepeated(plan, x, blocks, unit, y);
  if (relu) Activate(kRelu, size, y, y);
}

// The gradient w.r.t. an input that is repeated. With y, those of its elements
// that are 0 pass no gradient.
void SumGradient(const BroadcastPlan& plan, int input, int64_t blocks,
                 int64_t unit, const float* y, const float* dy, float* dx) {
  std::fill_n(dx, blocks * plan.elements(input) * unit, 0.0f);
  for (int64_t block = 0; block < blocks; ++block) {
    plan.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
      const int64_t first = (block * plan.output_elements() + output) * unit;
      const float* from = dy + first;
      float* to =
          dx +
          (block * plan.elements(input) + plan.OffsetOf(input, index)) * unit;
      const bool repeats = plan.RepeatsInRow(input);
      if (y == nullptr) {
        ForEachInRow(repeats, plan.row(), unit,
                     [=](int64_t i, int64_t j) { to[j] += from[i]; });
      } else {
        const float* kept = y + first;
        ForEachInRow(repeats, plan.row(), unit, [=](int64_t i, int64_t j) {
          to[j] += kept[i] > 0 ? from[i] : 0.0f;
        });
      }
    });
  }
}

class AddLanesKernel : public Kernel {
 public:
  AddLanesKernel(absl::Span<const Shape> images, bool relu)
      : plan_(images), relu_(relu) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    ComputeSum(plan_, buffers().inputs, LaneGroups(images), kLanes, relu_,
               OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    const float* dy = buffers().output_gradient;
    for (size_t i = 0; i < buffers().inputs.size(); ++i) {
      const int input = static_cast<int>(i);
      float* dx = buffers().input_gradients[i];
      if (dx == nullptr) continue;
      if (plan_.Repeats(input)) {
        SumGradient(plan_, input, LaneGroups(images), kLanes,
                    relu_ ? OutputData() : nullptr, dy, dx);
      } else if (relu_) {
        ActivationGradient(kRelu, Size(images), OutputData(), dy, dx);
      } else {
        std::copy_n(dy, Size(images), dx);
      }
    }
  }

 private:
  int64_t Size(int64_t images) const {
    return RoomForImages(layout(), images) * plan_.output_elements();
  }

  const BroadcastPlan plan_;
  const bool relu_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddLanesKernel(absl::Span<const Shape> images,
                                           bool relu) {
  return std::make_unique<AddLanesKernel>(images, relu);
}

namespace {

class AddDirectKernel : public InferenceKernel {
 public:
  AddDirectKernel(absl::Span<const Shape> images, bool relu)
      : plan_(images), relu_(relu) {}

  void Forward(int64_t images) override {
    ComputeSum(plan_, buffers().inputs, images, /*unit=*/1, relu_,
               OutputData());
  }

 private:
  const BroadcastPlan plan_;
  const bool relu_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddDirectKernel(absl::Span<const Shape> images,
                                            bool relu) {
  return std::make_unique<AddDirectKernel>(images, relu);
}

namespace {

class AddXnnpackKernel : public Kernel {
 public:
  AddXnnpackKernel(absl::Span<const Shape> images, XnnOperator op)
      : plan_(images), op_(std::move(op)) {
    for (int i = 0; i < 2; ++i) {
      sizes_[i].push_back(0);
      for (const int64_t dim : images[i].dims()) sizes_[i].push_back(dim);
    }
  }

  void Forward(int64_t images) override {
    for (std::vector<size_t>& sizes : sizes_) sizes[0] = images;
    float* y = OutputData();
    Run(InputData(0), InputData(1), y);
    // More than two have one shape.
    for (int i = 2; i < static_cast<int>(buffers().inputs.size()); ++i) {
      Run(y, InputData(i), y);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    const float* dy = buffers().output_gradient;
    for (size_t i = 0; i < buffers().inputs.size(); ++i) {
      const int input = static_cast<int>(i);
      float* dx = buffers().input_gradients[i];
      if (dx == nullptr) continue;
      if (plan_.Repeats(input)) {
        SumGradient(plan_, input, images, /*unit=*/1, /*y=*/nullptr, dy, dx);
      } else {
        std::copy_n(dy, images * plan_.output_elements(), dx);
      }
    }
  }

 private:
  // Setting up an element-wise operator only stores its arguments.
  void Run(const float* a, const float* b, float* y) {
    CheckXnn(xnn_setup_add_nd_f32(op_.get(), sizes_[0].size(), sizes_[0].data(),
                                  sizes_[1].size(), sizes_[1].data(), a, b, y,
                                  /*threadpool=*/nullptr));
    RunXnn(op_);
  }

  const BroadcastPlan plan_;
  XnnOperator op_;
  std::vector<size_t> sizes_[2];
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeAddXnnpackKernel(
    absl::Span<const Shape> images) {
  if (images.size() > 2 && !BroadcastPlan(images).is_trivial()) {
    return absl::UnimplementedError(
        "XNNPACK has no addition of more than two inputs of different shapes");
  }
  XnnOperator op;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "addition",
      [](xnn_operator_t* created) {
        return xnn_create_add_nd_f32(kXnnNoMin, kXnnNoMax, /*flags=*/0,
                                     created);
      },
      op));
  return std::make_unique<AddXnnpackKernel>(images, std::move(op));
}

}  // namespace lenslet
