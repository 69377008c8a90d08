#include "lenslet/ops/layout_adapter.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class LayoutAdapter : public Kernel {
 public:
  LayoutAdapter(const std::vector<Layout>& input_layouts, Layout output_layout,
                std::unique_ptr<Kernel> kernel,
                const std::vector<Shape>& inputs, const Shape& output,
                int64_t images)
      : input_layouts_(input_layouts),
        output_layout_(output_layout),
        kernel_(std::move(kernel)),
        input_shapes_(inputs),
        output_shape_(output),
        block_(images) {}

  Layout layout() const override { return output_layout_; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    // What has the kernel's layout, it reads and writes itself.
    KernelBuffers inner = this->buffers();
    inputs_.resize(input_shapes_.size());
    input_gradients_.resize(inner.input_gradients.size());
    for (size_t i = 0; i < input_shapes_.size(); ++i) {
      if (!CopiesInput(i)) continue;
      LENSLET_ASSIGN_OR_RETURN(inputs_[i], MakeBlock(input_shapes_[i]));
      inner.inputs[i] = inputs_[i].data();
      if (input_gradients_.empty() || inner.input_gradients[i] == nullptr) {
        continue;
      }
      LENSLET_ASSIGN_OR_RETURN(input_gradients_[i],
                               MakeBlock(input_shapes_[i]));
      inner.input_gradients[i] = input_gradients_[i].data();
    }
    if (CopiesOutput()) {
      LENSLET_ASSIGN_OR_RETURN(output_, MakeBlock(output_shape_));
      inner.output = output_.data();
      if (inner.output_gradient != nullptr) {
        LENSLET_ASSIGN_OR_RETURN(output_gradient_, MakeBlock(output_shape_));
        inner.output_gradient = output_gradient_.data();
      }
    }
    return kernel_->Bind(std::move(inner));
  }

  absl::Status ParametersChanged() override {
    return kernel_->ParametersChanged();
  }

  void Seed(uint64_t seed) override { kernel_->Seed(seed); }

  void Forward(int64_t images) override {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!CopiesInput(i)) continue;
      CopyToLayout(kernel_->layout(), images, input_shapes_[i].elements(),
                   InputData(i), inputs_[i].data());
    }
    kernel_->Forward(images);
    if (!CopiesOutput()) return;
    CopyToLayout(output_layout_, images, output_shape_.elements(),
                 output_.data(), OutputData());
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    if (CopiesOutput()) {
      CopyToLayout(kernel_->layout(), images, output_shape_.elements(),
                   buffers().output_gradient, output_gradient_.data());
    }
    kernel_->Backward(images, parameter_gradients);
    for (size_t i = 0; i < input_gradients_.size(); ++i) {
      if (!CopiesInput(i) || buffers().input_gradients[i] == nullptr) continue;
      CopyToLayout(input_layouts_[i], images, input_shapes_[i].elements(),
                   input_gradients_[i].data(), buffers().input_gradients[i]);
    }
  }

 private:
  absl::StatusOr<Tensor> MakeBlock(const Shape& image) const {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        image.WithOuter(RoomForImages(kernel_->layout(), block_)));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  bool CopiesInput(size_t i) const {
    return input_layouts_[i] != kernel_->layout();
  }
  bool CopiesOutput() const { return output_layout_ != kernel_->layout(); }

  const std::vector<Layout> input_layouts_;
  const Layout output_layout_;
  const std::unique_ptr<Kernel> kernel_;
  const std::vector<Shape> input_shapes_;
  const Shape output_shape_;
  const int64_t block_;
  // Empty where nothing is copied.
  std::vector<Tensor> inputs_;
  Tensor output_;
  Tensor output_gradient_;
  std::vector<Tensor> input_gradients_;
};

}  // namespace

std::unique_ptr<Kernel> AdaptLayout(Layout layout,
                                    std::unique_ptr<Kernel> kernel,
                                    const std::vector<Shape>& inputs,
                                    const Shape& output, int64_t images) {
  return AdaptLayouts(std::vector<Layout>(inputs.size(), layout), layout,
                      std::move(kernel), inputs, output, images);
}

std::unique_ptr<Kernel> AdaptLayouts(const std::vector<Layout>& input_layouts,
                                     Layout output_layout,
                                     std::unique_ptr<Kernel> kernel,
                                     const std::vector<Shape>& inputs,
                                     const Shape& output, int64_t images) {
  const auto fits = [&](Layout layout) { return layout == kernel->layout(); };
  if (fits(output_layout) &&
      std::all_of(input_layouts.begin(), input_layouts.end(), fits)) {
    return kernel;
  }
  return std::make_unique<LayoutAdapter>(
      input_layouts, output_layout, std::move(kernel), inputs, output, images);
}

}  // namespace lenslet
