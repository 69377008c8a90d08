#include "lenslet/ops/layout_adapter.h"

#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class LayoutAdapter : public Kernel {
 public:
  LayoutAdapter(Layout layout, std::unique_ptr<Kernel> kernel,
                const std::vector<Shape>& inputs, const Shape& output,
                int64_t images)
      : layout_(layout),
        kernel_(std::move(kernel)),
        input_shapes_(inputs),
        output_shape_(output),
        block_(images) {}

  Layout layout() const override { return layout_; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    KernelBuffers inner;
    inner.parameters = this->buffers().parameters;
    inner.training = this->buffers().training;
    for (const Shape& shape : input_shapes_) {
      LENSLET_ASSIGN_OR_RETURN(Tensor input, MakeBlock(shape));
      inner.inputs.push_back(input.data());
      inputs_.push_back(std::move(input));
    }
    LENSLET_ASSIGN_OR_RETURN(output_, MakeBlock(output_shape_));
    inner.output = output_.data();
    if (this->buffers().output_gradient != nullptr) {
      LENSLET_ASSIGN_OR_RETURN(output_gradient_, MakeBlock(output_shape_));
      inner.output_gradient = output_gradient_.data();
    }
    input_gradients_.resize(this->buffers().input_gradients.size());
    for (size_t i = 0; i < input_gradients_.size(); ++i) {
      if (this->buffers().input_gradients[i] != nullptr) {
        LENSLET_ASSIGN_OR_RETURN(input_gradients_[i],
                                 MakeBlock(input_shapes_[i]));
      }
      inner.input_gradients.push_back(input_gradients_[i].data());
    }
    return kernel_->Bind(std::move(inner));
  }

  absl::Status ParametersChanged() override {
    return kernel_->ParametersChanged();
  }

  void Seed(uint64_t seed) override { kernel_->Seed(seed); }

  void Forward(int64_t images) override {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      CopyIn(images, input_shapes_[i], InputData(i), inputs_[i].data());
    }
    kernel_->Forward(images);
    CopyOut(images, output_shape_, output_.data(), OutputData());
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    CopyIn(images, output_shape_, buffers().output_gradient,
           output_gradient_.data());
    kernel_->Backward(images, parameter_gradients);
    for (size_t i = 0; i < input_gradients_.size(); ++i) {
      if (buffers().input_gradients[i] == nullptr) continue;
      CopyOut(images, input_shapes_[i], input_gradients_[i].data(),
              buffers().input_gradients[i]);
    }
  }

 private:
  absl::StatusOr<Tensor> MakeBlock(const Shape& image) const {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        image.WithOuter(RoomForImages(kernel_->layout(), block_)));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  void CopyIn(int64_t images, const Shape& shape, const float* from,
              float* to) const {
    CopyToLayout(kernel_->layout(), images, shape.elements(), from, to);
  }
  void CopyOut(int64_t images, const Shape& shape, const float* from,
               float* to) const {
    CopyToLayout(layout_, images, shape.elements(), from, to);
  }

  const Layout layout_;
  const std::unique_ptr<Kernel> kernel_;
  const std::vector<Shape> input_shapes_;
  const Shape output_shape_;
  const int64_t block_;
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
  if (kernel->layout() == layout) return kernel;
  return std::make_unique<LayoutAdapter>(layout, std::move(kernel), inputs,
                                         output, images);
}

}  // namespace lenslet
