// The convolution layer: ops/conv with a filter and a bias of its own.

#ifndef LENSLET_LAYERS_CONV2D_H_
#define LENSLET_LAYERS_CONV2D_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "layers/layer.h"
#include "ops/axes.h"
#include "ops/conv/conv_spec.h"
#include "ops/window.h"

namespace lenslet::layers {

struct Conv2dOptions {
  // Channels that the input must have; without, the layer takes what it gets.
  std::optional<int64_t> input_channels = {};
  int64_t output_channels = 0;
  Axes kernel = {};    // {rows, columns}
  Axes stride = {};    // Empty: 1.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  bool has_bias = true;
};

// [H, W, Cin] -> [H', W', Cout]. Parameters: weight [Cout, Kh, Kw, Cin] and
// bias [Cout].
class Conv2d : public Layer {
 public:
  explicit Conv2d(const Conv2dOptions& options) : options_(options) {}

  absl::string_view type() const override { return "Conv2d"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeFusedKernel(
      Backend backend, absl::Span<const Shape> inputs, int64_t images,
      std::optional<ActivationKind> activation,
      std::optional<PoolSpec> pool) const override;

 private:
  absl::StatusOr<ConvSpec> Spec(absl::Span<const Shape> inputs) const;

  const Conv2dOptions options_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_CONV2D_H_
