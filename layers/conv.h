// The convolution layers, over 1 to 3 spatial dimensions: ops/conv with a
// filter and a bias of its own.

#ifndef LENSLET_LAYERS_CONV_H_
#define LENSLET_LAYERS_CONV_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

struct ConvOptions {
  // Channels that the input must have; without, the layer takes what it gets.
  std::optional<int64_t> input_channels = {};
  int64_t output_channels = 0;
  Axes kernel = {};    // {rows, columns} in two dimensions.
  Axes stride = {};    // Empty: 1.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  bool has_bias = true;
  int64_t groups = 1;
  PaddingMode padding_mode = PaddingMode::kZero;
  bool flip = false;
  std::vector<std::vector<int64_t>> connections = {};  // Empty: all.
  // Whether training changes the parameters.
  bool trainable = true;
};

// [H, W, Cin] -> [H', W', Cout] in two dimensions. Parameters: weight
// [Cout, Kh, Kw, Cin / groups], or [pairs, Kh, Kw] with connections, and bias
// [Cout]. Where connections differ from channel to channel, fans are means,
// rounded down.
class Conv : public Layer {
 public:
  std::string Details() const override;
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeFusedKernel(
      Backend backend, absl::Span<const Shape> inputs, int64_t images,
      const Epilogue& epilogue) const override;

 protected:
  Conv(int rank, const ConvOptions& options) : rank_(rank), options_(options) {}

  // Null with connections, whose weight has no dimension of output channels.
  template <typename Layer>
  std::shared_ptr<const Layer> WithBiasAs() const {
    if (!options_.connections.empty()) return nullptr;
    ConvOptions options = options_;
    options.has_bias = true;
    return std::make_shared<Layer>(options);
  }

 private:
  absl::StatusOr<ConvSpec> Spec(absl::Span<const Shape> inputs) const;

  const int rank_;  // Spatial dimensions.
  const ConvOptions options_;
};

class Conv1d : public Conv {
 public:
  explicit Conv1d(const ConvOptions& options) : Conv(1, options) {}
  absl::string_view type() const override { return "Conv1d"; }
  std::shared_ptr<const Layer> WithBias() const override {
    return WithBiasAs<Conv1d>();
  }
};

class Conv2d : public Conv {
 public:
  explicit Conv2d(const ConvOptions& options) : Conv(2, options) {}
  absl::string_view type() const override { return "Conv2d"; }
  std::shared_ptr<const Layer> WithBias() const override {
    return WithBiasAs<Conv2d>();
  }
};

class Conv3d : public Conv {
 public:
  explicit Conv3d(const ConvOptions& options) : Conv(3, options) {}
  absl::string_view type() const override { return "Conv3d"; }
  std::shared_ptr<const Layer> WithBias() const override {
    return WithBiasAs<Conv3d>();
  }
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_CONV_H_
