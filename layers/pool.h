// The pooling layers, over 1 to 3 spatial dimensions: ops/pool. They have no
// parameters.

#ifndef LENSLET_LAYERS_POOL_H_
#define LENSLET_LAYERS_POOL_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "layers/layer.h"
#include "ops/axes.h"
#include "ops/pool/pool_spec.h"
#include "ops/window.h"

namespace lenslet::layers {

struct PoolOptions {
  Axes kernel = {};    // {rows, columns} in two dimensions.
  Axes stride = {};    // Empty: the kernel.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  // Whether an average divides by the kernel's size where part of it lies on
  // padding. A maximum does not look at it.
  bool count_padding = true;
};

// [H, W, C] -> [H', W', C] in two dimensions.
class Pool : public Layer {
 public:
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  std::optional<PoolSpec> pool() const override { return Spec(); }

 protected:
  Pool(PoolKind kind, int rank, const PoolOptions& options)
      : kind_(kind), rank_(rank), options_(options) {}

 private:
  PoolSpec Spec() const;
  // Errors: InvalidArgument for a kernel or inputs of other dimensions.
  absl::StatusOr<PoolSpec> SpecFor(absl::Span<const Shape> inputs) const;

  const PoolKind kind_;
  const int rank_;  // Spatial dimensions.
  const PoolOptions options_;
};

class MaxPool1d : public Pool {
 public:
  explicit MaxPool1d(const PoolOptions& options)
      : Pool(PoolKind::kMax, 1, options) {}
  absl::string_view type() const override { return "MaxPool1d"; }
};

class MaxPool2d : public Pool {
 public:
  explicit MaxPool2d(const PoolOptions& options)
      : Pool(PoolKind::kMax, 2, options) {}
  absl::string_view type() const override { return "MaxPool2d"; }
};

class MaxPool3d : public Pool {
 public:
  explicit MaxPool3d(const PoolOptions& options)
      : Pool(PoolKind::kMax, 3, options) {}
  absl::string_view type() const override { return "MaxPool3d"; }
};

class AvgPool1d : public Pool {
 public:
  explicit AvgPool1d(const PoolOptions& options)
      : Pool(PoolKind::kAverage, 1, options) {}
  absl::string_view type() const override { return "AvgPool1d"; }
};

class AvgPool2d : public Pool {
 public:
  explicit AvgPool2d(const PoolOptions& options)
      : Pool(PoolKind::kAverage, 2, options) {}
  absl::string_view type() const override { return "AvgPool2d"; }
};

class AvgPool3d : public Pool {
 public:
  explicit AvgPool3d(const PoolOptions& options)
      : Pool(PoolKind::kAverage, 3, options) {}
  absl::string_view type() const override { return "AvgPool3d"; }
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_POOL_H_
