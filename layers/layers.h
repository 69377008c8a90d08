// Layers of every kind.
//
//   builder.AddLayer("conv", layers::Conv2d({.output_channels = 6,
//                                            .window = {.kernel = {5, 5}}}),
//                    {"image"});
//
// What each computes stands with its spec, in ops/. Shapes below are those of
// one image, in two dimensions. Layers over other spatial dimensions have as
// many fewer or more. Nothing is checked here: Layer::Infer() is where numbers
// out of their range are errors. In specs, a number of input channels or
// features of 0 is the input's.

#ifndef LENSLET_LAYERS_LAYERS_H_
#define LENSLET_LAYERS_LAYERS_H_

#include <cstdint>
#include <vector>

#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"

namespace lenslet::layers {

// [H, W, Cin] -> [H', W', Cout]. Parameters: weight [Cout, Kh, Kw,
// Cin / groups], or [pairs, Kh, Kw] with connections, and bias [Cout]. Training
// changes them if `trainable`.
Layer Conv1d(const ConvSpec& spec, bool trainable = true);
Layer Conv2d(const ConvSpec& spec, bool trainable = true);
Layer Conv3d(const ConvSpec& spec, bool trainable = true);

// [H, W, Cin] -> [H', W', Cout]. Parameters: weight [Cout, Kh, Kw, Cin] and
// bias [Cout].
Layer ConvTranspose1d(const ConvTransposeSpec& spec, bool trainable = true);
Layer ConvTranspose2d(const ConvTransposeSpec& spec, bool trainable = true);
Layer ConvTranspose3d(const ConvTransposeSpec& spec, bool trainable = true);

// [..., in] -> [..., out]. Parameters: weight [out, in] and bias [out].
Layer Linear(const LinearSpec& spec, bool trainable = true);

// [H, W, C] -> [H', W', C]. These set `spec.kind`.
Layer MaxPool1d(PoolSpec spec);
Layer MaxPool2d(PoolSpec spec);
Layer MaxPool3d(PoolSpec spec);
Layer AvgPool1d(PoolSpec spec);
Layer AvgPool2d(PoolSpec spec);
Layer AvgPool3d(PoolSpec spec);
Layer MinPool1d(PoolSpec spec);
Layer MinPool2d(PoolSpec spec);
Layer MinPool3d(PoolSpec spec);
Layer SoftmaxPool1d(PoolSpec spec);
Layer SoftmaxPool2d(PoolSpec spec);
Layer SoftmaxPool3d(PoolSpec spec);

// [H, W, C] -> [output, C]. `output` has one size for each of the input's
// spatial dimensions, or one for all of them.
Layer AdaptiveMaxPool(const Axes& output);
Layer AdaptiveAvgPool(const Axes& output);

// [H, W, C] -> [1, 1, C].
Layer GlobalMaxPool();
Layer GlobalAvgPool();

// Any shape -> the same shape.
Layer Sigmoid();
Layer Tanh();
Layer Relu();
Layer LeakyRelu(float slope = 0.01f);
Layer Elu(float alpha = 1.0f);
Layer Gelu();
Layer Silu();
Layer Softplus();

// [..., channels] -> the same shape. Parameters, all [channels]: scale, bias
// (the operator's shift), running_mean and running_variance.
Layer BatchNorm(const BatchNormSpec& spec = {});

// Any shape -> the same shape. Training drops numbers at `rate`, in [0, 1).
Layer Dropout(double rate);

// [H, W, C] -> [before + H + after, before + W + after, C].
Layer Pad(const PadSpec& spec);

// Any shape -> [elements].
Layer Flatten();

// Any shape -> `shape`, with as many elements. One size may be -1: it follows
// from the others.
Layer Reshape(std::vector<int64_t> shape);

// Two or more inputs of one shape -> their sum, of the same shape.
Layer Add();

// Two or more inputs whose sizes differ along one axis only -> the same sizes,
// and the sum along that axis.
Layer Concat(const ConcatSpec& spec = {});

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_LAYERS_H_
