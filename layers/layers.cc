#include "lenslet/layers/layers.h"

#include <utility>

namespace lenslet::layers {
namespace {

Layer Pool(PoolKind kind, int rank, PoolSpec spec) {
  spec.kind = kind;
  return Layer(PoolLayer{rank, std::move(spec)});
}

}  // namespace

Layer Conv1d(const ConvSpec& spec, bool trainable) {
  return Layer(ConvLayer{1, spec, trainable});
}

Layer Conv2d(const ConvSpec& spec, bool trainable) {
  return Layer(ConvLayer{2, spec, trainable});
}

Layer Conv3d(const ConvSpec& spec, bool trainable) {
  return Layer(ConvLayer{3, spec, trainable});
}

Layer ConvTranspose1d(const ConvTransposeSpec& spec, bool trainable) {
  return Layer(ConvTransposeLayer{1, spec, trainable});
}

Layer ConvTranspose2d(const ConvTransposeSpec& spec, bool trainable) {
  return Layer(ConvTransposeLayer{2, spec, trainable});
}

Layer ConvTranspose3d(const ConvTransposeSpec& spec, bool trainable) {
  return Layer(ConvTransposeLayer{3, spec, trainable});
}

Layer Linear(const LinearSpec& spec, bool trainable) {
  return Layer(LinearLayer{spec, trainable});
}

Layer MaxPool1d(PoolSpec spec) {
  return Pool(PoolKind::kMax, 1, std::move(spec));
}

Layer MaxPool2d(PoolSpec spec) {
  return Pool(PoolKind::kMax, 2, std::move(spec));
}

Layer MaxPool3d(PoolSpec spec) {
  return Pool(PoolKind::kMax, 3, std::move(spec));
}

Layer AvgPool1d(PoolSpec spec) {
  return Pool(PoolKind::kAverage, 1, std::move(spec));
}

Layer AvgPool2d(PoolSpec spec) {
  return Pool(PoolKind::kAverage, 2, std::move(spec));
}

Layer AvgPool3d(PoolSpec spec) {
  return Pool(PoolKind::kAverage, 3, std::move(spec));
}

Layer MinPool1d(PoolSpec spec) {
  return Pool(PoolKind::kMin, 1, std::move(spec));
}

Layer MinPool2d(PoolSpec spec) {
  return Pool(PoolKind::kMin, 2, std::move(spec));
}

Layer MinPool3d(PoolSpec spec) {
  return Pool(PoolKind::kMin, 3, std::move(spec));
}

Layer SoftmaxPool1d(PoolSpec spec) {
  return Pool(PoolKind::kSoftmax, 1, std::move(spec));
}

Layer SoftmaxPool2d(PoolSpec spec) {
  return Pool(PoolKind::kSoftmax, 2, std::move(spec));
}

Layer SoftmaxPool3d(PoolSpec spec) {
  return Pool(PoolKind::kSoftmax, 3, std::move(spec));
}

Layer AdaptiveMaxPool(const Axes& output) {
  return Layer(AdaptivePoolLayer{PoolKind::kMax, output});
}

Layer AdaptiveAvgPool(const Axes& output) {
  return Layer(AdaptivePoolLayer{PoolKind::kAverage, output});
}

Layer GlobalMaxPool() { return Layer(GlobalPoolLayer{PoolKind::kMax}); }

Layer GlobalAvgPool() { return Layer(GlobalPoolLayer{PoolKind::kAverage}); }

Layer Sigmoid() {
  return Layer(ActivationSpec{.kind = ActivationKind::kSigmoid});
}

Layer Tanh() { return Layer(ActivationSpec{.kind = ActivationKind::kTanh}); }

Layer Relu() { return Layer(ActivationSpec{.kind = ActivationKind::kRelu}); }

Layer LeakyRelu(float slope) {
  return Layer(
      ActivationSpec{.kind = ActivationKind::kLeakyRelu, .slope = slope});
}

Layer Elu(float alpha) {
  return Layer(ActivationSpec{.kind = ActivationKind::kElu, .alpha = alpha});
}

Layer Gelu() { return Layer(ActivationSpec{.kind = ActivationKind::kGelu}); }

Layer Silu() { return Layer(ActivationSpec{.kind = ActivationKind::kSilu}); }

Layer Softplus() {
  return Layer(ActivationSpec{.kind = ActivationKind::kSoftplus});
}

Layer BatchNorm(const BatchNormSpec& spec) { return Layer(spec); }

Layer Dropout(double rate) { return Layer(DropoutSpec{.rate = rate}); }

Layer Pad(const PadSpec& spec) { return Layer(spec); }

Layer Flatten() { return Layer(FlattenLayer{}); }

Layer Reshape(std::vector<int64_t> shape) {
  return Layer(ReshapeLayer{std::move(shape)});
}

Layer Add() { return Layer(AddLayer{}); }

Layer Concat(const ConcatSpec& spec) { return Layer(spec); }

}  // namespace lenslet::layers
