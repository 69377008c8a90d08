// Implements Layer's methods for each kind of layer. layer.h documents them. If
// a kind lacks one of these functions, Layer does not compile.

#ifndef LENSLET_LAYERS_LAYER_KINDS_H_
#define LENSLET_LAYERS_LAYER_KINDS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

using Shapes = absl::Span<const Shape>;
using KernelOr = absl::StatusOr<std::unique_ptr<Kernel>>;

// conv_layers.cc
std::string TypeOf(const ConvLayer& layer);
std::string DetailsOf(const ConvLayer& layer);
absl::StatusOr<LayerInfo> Infer(const ConvLayer& layer, Shapes inputs);
KernelOr MakeKernel(const ConvLayer& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue, bool exact);

std::string TypeOf(const ConvTransposeLayer& layer);
std::string DetailsOf(const ConvTransposeLayer& layer);
absl::StatusOr<LayerInfo> Infer(const ConvTransposeLayer& layer, Shapes inputs);
KernelOr MakeKernel(const ConvTransposeLayer& layer, Backend backend,
                    Shapes inputs, int64_t images);

// pool_layers.cc
std::string TypeOf(const PoolLayer& layer);
std::string DetailsOf(const PoolLayer& layer);
absl::StatusOr<LayerInfo> Infer(const PoolLayer& layer, Shapes inputs);
KernelOr MakeKernel(const PoolLayer& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const AdaptivePoolLayer& layer);
std::string DetailsOf(const AdaptivePoolLayer& layer);
absl::StatusOr<LayerInfo> Infer(const AdaptivePoolLayer& layer, Shapes inputs);
KernelOr MakeKernel(const AdaptivePoolLayer& layer, Backend backend,
                    Shapes inputs, int64_t images);

std::string TypeOf(const GlobalPoolLayer& layer);
std::string DetailsOf(const GlobalPoolLayer& layer);
absl::StatusOr<LayerInfo> Infer(const GlobalPoolLayer& layer, Shapes inputs);
KernelOr MakeKernel(const GlobalPoolLayer& layer, Backend backend,
                    Shapes inputs, int64_t images);

// pointwise_layers.cc
std::string TypeOf(const LinearLayer& layer);
std::string DetailsOf(const LinearLayer& layer);
absl::StatusOr<LayerInfo> Infer(const LinearLayer& layer, Shapes inputs);
KernelOr MakeKernel(const LinearLayer& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue);

std::string TypeOf(const ActivationSpec& layer);
std::string DetailsOf(const ActivationSpec& layer);
absl::StatusOr<LayerInfo> Infer(const ActivationSpec& layer, Shapes inputs);
KernelOr MakeKernel(const ActivationSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const BatchNormSpec& layer);
std::string DetailsOf(const BatchNormSpec& layer);
absl::StatusOr<LayerInfo> Infer(const BatchNormSpec& layer, Shapes inputs);
KernelOr MakeKernel(const BatchNormSpec& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue);

std::string TypeOf(const LayerNormSpec& layer);
std::string DetailsOf(const LayerNormSpec& layer);
absl::StatusOr<LayerInfo> Infer(const LayerNormSpec& layer, Shapes inputs);
KernelOr MakeKernel(const LayerNormSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const LrnSpec& layer);
std::string DetailsOf(const LrnSpec& layer);
absl::StatusOr<LayerInfo> Infer(const LrnSpec& layer, Shapes inputs);
KernelOr MakeKernel(const LrnSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const DropoutSpec& layer);
std::string DetailsOf(const DropoutSpec& layer);
absl::StatusOr<LayerInfo> Infer(const DropoutSpec& layer, Shapes inputs);
KernelOr MakeKernel(const DropoutSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const AddLayer& layer);
std::string DetailsOf(const AddLayer& layer);
absl::StatusOr<LayerInfo> Infer(const AddLayer& layer, Shapes inputs);
KernelOr MakeKernel(const AddLayer& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue);

std::string TypeOf(const MulLayer& layer);
std::string DetailsOf(const MulLayer& layer);
absl::StatusOr<LayerInfo> Infer(const MulLayer& layer, Shapes inputs);
KernelOr MakeKernel(const MulLayer& layer, Backend backend, Shapes inputs,
                    int64_t images);

// shape_layers.cc
std::string TypeOf(const PadSpec& layer);
std::string DetailsOf(const PadSpec& layer);
absl::StatusOr<LayerInfo> Infer(const PadSpec& layer, Shapes inputs);
KernelOr MakeKernel(const PadSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const ResizeSpec& layer);
std::string DetailsOf(const ResizeSpec& layer);
absl::StatusOr<LayerInfo> Infer(const ResizeSpec& layer, Shapes inputs);
KernelOr MakeKernel(const ResizeSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const ConcatSpec& layer);
std::string DetailsOf(const ConcatSpec& layer);
absl::StatusOr<LayerInfo> Infer(const ConcatSpec& layer, Shapes inputs);
KernelOr MakeKernel(const ConcatSpec& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const FlattenLayer& layer);
std::string DetailsOf(const FlattenLayer& layer);
absl::StatusOr<LayerInfo> Infer(const FlattenLayer& layer, Shapes inputs);
// Always returns an error. Executors do not call it.
KernelOr MakeKernel(const FlattenLayer& layer, Backend backend, Shapes inputs,
                    int64_t images);

std::string TypeOf(const ReshapeLayer& layer);
std::string DetailsOf(const ReshapeLayer& layer);
absl::StatusOr<LayerInfo> Infer(const ReshapeLayer& layer, Shapes inputs);
// Always returns an error. Executors do not call it.
KernelOr MakeKernel(const ReshapeLayer& layer, Backend backend, Shapes inputs,
                    int64_t images);

// custom_layer.cc
std::string TypeOf(const CustomLayer& layer);
std::string DetailsOf(const CustomLayer& layer);
absl::StatusOr<LayerInfo> Infer(const CustomLayer& layer, Shapes inputs);
// The same kernel for each backend.
KernelOr MakeKernel(const CustomLayer& layer, Backend backend, Shapes inputs,
                    int64_t images);

// Helpers for several kinds.

// Errors: InvalidArgument unless there is exactly one input.
absl::Status CheckOneInput(Shapes inputs);

// For a layer over `rank` spatial dimensions. Errors: InvalidArgument unless
// the kernel has `rank` sizes and there is one input, with `rank` spatial
// dimensions and channels.
absl::Status CheckDimensions(int rank, const Axes& kernel, Shapes inputs);

// Returns the parameters: "weight" and, if `has_bias`, "bias" of shape
// [outputs].
std::vector<ParameterInfo> WeightAndBias(const Shape& weight, int64_t fan_in,
                                         int64_t fan_out, bool has_bias,
                                         int64_t outputs, bool trainable);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_LAYER_KINDS_H_
