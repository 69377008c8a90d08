// The pooling layers: ops/pool. They have no parameters.

#ifndef LENSLET_LAYERS_POOL2D_H_
#define LENSLET_LAYERS_POOL2D_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "layers/layer.h"
#include "ops/axes.h"
#include "ops/pool/pool_spec.h"
#include "ops/window.h"

namespace lenslet::layers {

struct Pool2dOptions {
  Axes kernel = {};    // {rows, columns}
  Axes stride = {};    // Empty: the kernel.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  // Whether an average divides by the kernel's size where part of it lies on
  // padding. A maximum does not look at it.
  bool count_padding = true;
};

// [H, W, C] -> [H', W', C].
class Pool2d : public Layer {
 public:
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  std::optional<PoolSpec> pool() const override { return Spec(); }

 protected:
  Pool2d(PoolKind kind, const Pool2dOptions& options)
      : kind_(kind), options_(options) {}

 private:
  PoolSpec Spec() const;
  // Errors: InvalidArgument for a kernel or inputs of other dimensions.
  absl::StatusOr<PoolSpec> SpecFor(absl::Span<const Shape> inputs) const;

  const PoolKind kind_;
  const Pool2dOptions options_;
};

class MaxPool2d : public Pool2d {
 public:
  explicit MaxPool2d(const Pool2dOptions& options)
      : Pool2d(PoolKind::kMax, options) {}
  absl::string_view type() const override { return "MaxPool2d"; }
};

class AvgPool2d : public Pool2d {
 public:
  explicit AvgPool2d(const Pool2dOptions& options)
      : Pool2d(PoolKind::kAverage, options) {}
  absl::string_view type() const override { return "AvgPool2d"; }
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_POOL2D_H_
