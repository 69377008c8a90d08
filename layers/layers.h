// Functions that make layers of every kind.
//
//   builder.AddLayer("conv", layers::Conv2d({.output_channels = 6,
//                                            .window = {.kernel = {5, 5}}}),
//                    {"image"});
//
// The specs in ops/ document what each layer computes. Shapes below are those
// of one image with two spatial dimensions; 1d layers have one fewer, 3d layers
// one more. These functions check nothing: Layer::Infer() returns errors for
// numbers out of their range. In specs, 0 input channels or features means: as
// many as the input has.

#ifndef LENSLET_LAYERS_LAYERS_H_
#define LENSLET_LAYERS_LAYERS_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"

namespace lenslet::layers {

namespace internal {

inline Layer Pool(PoolKind kind, int rank, PoolSpec spec) {
  spec.kind = kind;
  return Layer(PoolLayer{rank, std::move(spec)});
}

}  // namespace internal

// [H, W, Cin] -> [H', W', Cout]. Parameters: weight [Cout, Kh, Kw,
// Cin / groups], or [pairs, Kh, Kw] with connections, and bias [Cout]. Training
// changes them if `trainable`.
inline Layer Conv1d(const ConvSpec& spec, bool trainable = true) {
  return Layer(ConvLayer{1, spec, trainable});
}
inline Layer Conv2d(const ConvSpec& spec, bool trainable = true) {
  return Layer(ConvLayer{2, spec, trainable});
}
inline Layer Conv3d(const ConvSpec& spec, bool trainable = true) {
  return Layer(ConvLayer{3, spec, trainable});
}

// [H, W, Cin] -> [H', W', Cout]. Parameters: weight [Cout, Kh, Kw, Cin] and
// bias [Cout].
inline Layer ConvTranspose1d(const ConvTransposeSpec& spec,
                             bool trainable = true) {
  return Layer(ConvTransposeLayer{1, spec, trainable});
}
inline Layer ConvTranspose2d(const ConvTransposeSpec& spec,
                             bool trainable = true) {
  return Layer(ConvTransposeLayer{2, spec, trainable});
}
inline Layer ConvTranspose3d(const ConvTransposeSpec& spec,
                             bool trainable = true) {
  return Layer(ConvTransposeLayer{3, spec, trainable});
}

// [..., in] -> [..., out]. Parameters: weight [out, in] and bias [out].
inline Layer Linear(const LinearSpec& spec, bool trainable = true) {
  return Layer(LinearLayer{spec, trainable});
}

// [H, W, C] -> [H', W', C]. These set `spec.kind`.
inline Layer MaxPool1d(PoolSpec spec) {
  return internal::Pool(PoolKind::kMax, 1, std::move(spec));
}
inline Layer MaxPool2d(PoolSpec spec) {
  return internal::Pool(PoolKind::kMax, 2, std::move(spec));
}
inline Layer MaxPool3d(PoolSpec spec) {
  return internal::Pool(PoolKind::kMax, 3, std::move(spec));
}
inline Layer AvgPool1d(PoolSpec spec) {
  return internal::Pool(PoolKind::kAverage, 1, std::move(spec));
}
inline Layer AvgPool2d(PoolSpec spec) {
  return internal::Pool(PoolKind::kAverage, 2, std::move(spec));
}
inline Layer AvgPool3d(PoolSpec spec) {
  return internal::Pool(PoolKind::kAverage, 3, std::move(spec));
}
inline Layer MinPool1d(PoolSpec spec) {
  return internal::Pool(PoolKind::kMin, 1, std::move(spec));
}
inline Layer MinPool2d(PoolSpec spec) {
  return internal::Pool(PoolKind::kMin, 2, std::move(spec));
}
inline Layer MinPool3d(PoolSpec spec) {
  return internal::Pool(PoolKind::kMin, 3, std::move(spec));
}
inline Layer SoftmaxPool1d(PoolSpec spec) {
  return internal::Pool(PoolKind::kSoftmax, 1, std::move(spec));
}
inline Layer SoftmaxPool2d(PoolSpec spec) {
  return internal::Pool(PoolKind::kSoftmax, 2, std::move(spec));
}
inline Layer SoftmaxPool3d(PoolSpec spec) {
  return internal::Pool(PoolKind::kSoftmax, 3, std::move(spec));
}

// [H, W, C] -> [output, C]. `output` has one size for each of the input's
// spatial dimensions, or one for all of them.
inline Layer AdaptiveMaxPool(const Axes& output) {
  return Layer(AdaptivePoolLayer{PoolKind::kMax, output});
}
inline Layer AdaptiveAvgPool(const Axes& output) {
  return Layer(AdaptivePoolLayer{PoolKind::kAverage, output});
}

// [H, W, C] -> [1, 1, C].
inline Layer GlobalMaxPool() { return Layer(GlobalPoolLayer{PoolKind::kMax}); }
inline Layer GlobalAvgPool() {
  return Layer(GlobalPoolLayer{PoolKind::kAverage});
}

// Any shape -> the same shape.
inline Layer Sigmoid() {
  return Layer(ActivationSpec{.kind = ActivationKind::kSigmoid});
}
inline Layer Tanh() {
  return Layer(ActivationSpec{.kind = ActivationKind::kTanh});
}
inline Layer Relu() {
  return Layer(ActivationSpec{.kind = ActivationKind::kRelu});
}
inline Layer LeakyRelu(float slope = 0.01f) {
  return Layer(
      ActivationSpec{.kind = ActivationKind::kLeakyRelu, .slope = slope});
}
inline Layer Elu(float alpha = 1.0f) {
  return Layer(ActivationSpec{.kind = ActivationKind::kElu, .alpha = alpha});
}
inline Layer Gelu() {
  return Layer(ActivationSpec{.kind = ActivationKind::kGelu});
}
inline Layer Silu() {
  return Layer(ActivationSpec{.kind = ActivationKind::kSilu});
}
inline Layer Softplus() {
  return Layer(ActivationSpec{.kind = ActivationKind::kSoftplus});
}
inline Layer Clip(float min = 0.0f, float max = 6.0f) {
  return Layer(
      ActivationSpec{.kind = ActivationKind::kClip, .min = min, .max = max});
}
inline Layer HardSigmoid(float slope = 1.0f / 6, float offset = 0.5f) {
  return Layer(ActivationSpec{.kind = ActivationKind::kHardSigmoid,
                              .hard_slope = slope,
                              .offset = offset});
}
inline Layer HardSwish() {
  return Layer(ActivationSpec{.kind = ActivationKind::kHardSwish});
}

// [..., channels] -> the same shape. Parameters, all [channels]: scale, bias
// (the operator's shift), running_mean and running_variance. In training, the
// statistics are those of a block of images, by default of 16
// (TrainOptions::block in lenslet/train.h; docs/porting.md).
inline Layer BatchNorm(const BatchNormSpec& spec = {}) { return Layer(spec); }

// Any shape -> the same shape. Parameters, of the sizes of the axes that are
// normalized: scale and bias.
inline Layer LayerNorm(const LayerNormSpec& spec = {}) { return Layer(spec); }

// [..., channels] -> the same shape: local response normalization.
inline Layer Lrn(const LrnSpec& spec = {}) { return Layer(spec); }

// Any shape -> the same shape. Training drops numbers with probability `rate`,
// in [0, 1).
inline Layer Dropout(double rate) { return Layer(DropoutSpec{.rate = rate}); }

// [H, W, C] -> [before + H + after, before + W + after, C].
inline Layer Pad(const PadSpec& spec) { return Layer(spec); }

// [H, W, C] -> [H', W', C].
inline Layer Resize(const ResizeSpec& spec) { return Layer(spec); }

// Any shape -> [elements].
inline Layer Flatten() { return Layer(FlattenLayer{}); }

// Any shape -> `shape`, with the same number of elements. One size may be -1:
// it is inferred from the others.
inline Layer Reshape(std::vector<int64_t> shape) {
  return Layer(ReshapeLayer{std::move(shape)});
}

// Two or more inputs of the same shape -> their sum, of that shape. An input of
// size 1 along an axis is repeated along it.
inline Layer Add() { return Layer(AddLayer{}); }

// The same for the product of two inputs.
inline Layer Mul() { return Layer(MulLayer{}); }

// Two or more inputs whose sizes differ only along one axis -> the same sizes,
// with their sum along that axis.
inline Layer Concat(const ConcatSpec& spec = {}) { return Layer(spec); }

// What the program's own operator computes (layers/custom_layer.h). Layers
// share the operator.
inline Layer Custom(std::shared_ptr<const CustomOperator> op) {
  return Layer(CustomLayer{std::move(op)});
}

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_LAYERS_H_
