// The linear (fully connected) layer: ops/linear with a weight and a bias of
// its own.

#ifndef LENSLET_LAYERS_LINEAR_H_
#define LENSLET_LAYERS_LINEAR_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/linear/linear.h"

namespace lenslet::layers {

struct LinearOptions {
  // Features that the input must have; without, the layer takes what it gets.
  std::optional<int64_t> input_features = {};
  int64_t output_features = 0;
  bool has_bias = true;
  // Whether training changes the parameters.
  bool trainable = true;
};

// [..., in] -> [..., out]. Parameters: weight [out, in] and bias [out].
class Linear : public Layer {
 public:
  explicit Linear(const LinearOptions& options) : options_(options) {}

  absl::string_view type() const override { return "Linear"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeFusedKernel(
      Backend backend, absl::Span<const Shape> inputs, int64_t images,
      const Epilogue& epilogue) const override;
  std::shared_ptr<const Layer> WithBias() const override;

 private:
  absl::StatusOr<LinearSpec> Spec(absl::Span<const Shape> inputs) const;

  const LinearOptions options_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_LINEAR_H_
