#include "lenslet/ops/conv_transpose/conv_transpose_backward.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

int64_t Taps(const ConvTransposeGeometry& g) { return Volume(g.window.kernel); }

}  // namespace

absl::StatusOr<ConvGeometry> ConvolutionRunBackwards(
    const ConvTransposeGeometry& geometry) {
  const ConvTransposeGeometry& g = geometry;
  Window window = g.window;
  // Windows end before the output padding: so much of it is not cut off again.
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t windows_end = (g.input[axis] - 1) * window.stride[axis] +
                                Extent(window, axis) -
                                window.padding.before[axis];
    window.padding.after[axis] =
        std::max(int64_t{0}, windows_end - g.output[axis]);
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape image,
                           Shape::Create({g.output[0], g.output[1], g.output[2],
                                          g.output_channels}));
  LENSLET_ASSIGN_OR_RETURN(ConvGeometry convolution,
                           Resolve(ConvSpec{.input_channels = g.output_channels,
                                            .output_channels = g.input_channels,
                                            .window = window,
                                            .has_bias = false},
                                   image));
  convolution.output = g.input;
  return convolution;
}

absl::StatusOr<Tensor> MakeSwappedFilter(
    const ConvTransposeGeometry& geometry) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({
                                                  geometry.input_channels,
                                                  Taps(geometry),
                                                  geometry.output_channels,
                                              }));
  return Tensor::Create(ElementType::kFloat32, shape);
}

void SwapFilterChannels(const ConvTransposeGeometry& geometry, const float* w,
                        float* swapped) {
  const int64_t taps = Taps(geometry);
  for (int64_t k = 0; k < geometry.output_channels; ++k) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t c = 0; c < geometry.input_channels; ++c) {
        swapped[(c * taps + tap) * geometry.output_channels + k] = *w++;
      }
    }
  }
}

ConvTransposeBackward::ConvTransposeBackward(
    const ConvTransposeGeometry& geometry, std::unique_ptr<Kernel> convolution,
    int64_t images)
    : g_(geometry), convolution_(std::move(convolution)), block_(images) {}

absl::Status ConvTransposeBackward::Bind(const KernelBuffers& buffers,
                                         const float* swapped_filter) {
  wants_input_gradient_ = buffers.input_gradients[0] != nullptr;
  LENSLET_ASSIGN_OR_RETURN(swapped_filter_gradient_, MakeSwappedFilter(g_));
  if (!wants_input_gradient_) {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({RoomForImages(convolution_->layout(), block_),
                       g_.input[0], g_.input[1], g_.input[2],
                       g_.input_channels}));
    LENSLET_ASSIGN_OR_RETURN(unwanted_input_gradient_,
                             Tensor::Create(ElementType::kFloat32, shape));
  }
  return convolution_->Bind({.inputs = {buffers.output_gradient},
                             .parameters = {swapped_filter},
                             .output = wants_input_gradient_
                                           ? buffers.input_gradients[0]
                                           : unwanted_input_gradient_.data(),
                             .training = buffers.training,
                             .output_gradient = buffers.inputs[0].data(),
                             .input_gradients = {nullptr}});
}

void ConvTransposeBackward::Run(int64_t images, float* dw) {
  if (!wants_input_gradient_ && dw == nullptr) return;
  convolution_->Forward(images);
  if (dw == nullptr) return;
  float* swapped = swapped_filter_gradient_.data();
  std::fill_n(swapped, swapped_filter_gradient_.shape().elements(), 0.0f);
  convolution_->Backward(images, {swapped});
  const int64_t taps = Taps(g_);
  for (int64_t k = 0; k < g_.output_channels; ++k) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t c = 0; c < g_.input_channels; ++c) {
        *dw++ += swapped[(c * taps + tap) * g_.output_channels + k];
      }
    }
  }
}

}  // namespace lenslet
