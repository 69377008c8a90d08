// The transposed convolution layers, over 1 to 3 spatial dimensions:
// ops/conv_transpose with a filter and a bias of its own.

#ifndef LENSLET_LAYERS_CONV_TRANSPOSE_H_
#define LENSLET_LAYERS_CONV_TRANSPOSE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

struct ConvTransposeOptions {
  // Channels that the input must have; without, the layer takes what it gets.
  std::optional<int64_t> input_channels = {};
  int64_t output_channels = 0;
  Axes kernel = {};    // {rows, columns} in two dimensions.
  Axes stride = {};    // Empty: 1.
  Axes dilation = {};  // Empty: 1.
  // Cut off the output.
  Padding padding = {};
  // Added after the output's end. Empty: 0.
  Axes output_padding = {};
  bool has_bias = true;
  // Whether training changes the parameters.
  bool trainable = true;
};

// [H, W, Cin] -> [H', W', Cout] in two dimensions. Parameters: weight
// [Cout, Kh, Kw, Cin] and bias [Cout].
class ConvTranspose : public Layer {
 public:
  std::string Details() const override;
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;

 protected:
  ConvTranspose(int rank, const ConvTransposeOptions& options)
      : rank_(rank), options_(options) {}

  ConvTransposeOptions OptionsWithBias() const;

 private:
  absl::StatusOr<ConvTransposeSpec> Spec(absl::Span<const Shape> inputs) const;

  const int rank_;  // Spatial dimensions.
  const ConvTransposeOptions options_;
};

class ConvTranspose1d : public ConvTranspose {
 public:
  explicit ConvTranspose1d(const ConvTransposeOptions& options)
      : ConvTranspose(1, options) {}
  absl::string_view type() const override { return "ConvTranspose1d"; }
  std::shared_ptr<const Layer> WithBias() const override {
    return std::make_shared<ConvTranspose1d>(OptionsWithBias());
  }
};

class ConvTranspose2d : public ConvTranspose {
 public:
  explicit ConvTranspose2d(const ConvTransposeOptions& options)
      : ConvTranspose(2, options) {}
  absl::string_view type() const override { return "ConvTranspose2d"; }
  std::shared_ptr<const Layer> WithBias() const override {
    return std::make_shared<ConvTranspose2d>(OptionsWithBias());
  }
};

class ConvTranspose3d : public ConvTranspose {
 public:
  explicit ConvTranspose3d(const ConvTransposeOptions& options)
      : ConvTranspose(3, options) {}
  absl::string_view type() const override { return "ConvTranspose3d"; }
  std::shared_ptr<const Layer> WithBias() const override {
    return std::make_shared<ConvTranspose3d>(OptionsWithBias());
  }
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_CONV_TRANSPOSE_H_
