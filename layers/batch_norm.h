// The batch normalization layer: ops/batch_norm with a scale, a bias and
// running averages of its own.

#ifndef LENSLET_LAYERS_BATCH_NORM_H_
#define LENSLET_LAYERS_BATCH_NORM_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/batch_norm/batch_norm.h"

namespace lenslet::layers {

struct BatchNormOptions {
  double epsilon = 1e-5;  // Added to variances; above 0.
  double momentum = 0.1;  // Of the running averages, in [0, 1].
};

// [..., channels] -> the same shape. Parameters, all [channels]: scale, bias
// (the operator's shift), running_mean, running_variance. The last two are
// statistics.
class BatchNorm : public Layer {
 public:
  explicit BatchNorm(const BatchNormOptions& options = {})
      : options_(options) {}

  absl::string_view type() const override { return "BatchNorm"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  std::optional<double> batch_norm_epsilon() const override {
    return options_.epsilon;
  }

 private:
  absl::StatusOr<BatchNormSpec> Spec(absl::Span<const Shape> inputs) const;

  const BatchNormOptions options_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_BATCH_NORM_H_
