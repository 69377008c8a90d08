// The pooling layers: ops/pool. They have no parameters.

#ifndef LENSLET_LAYERS_POOL_H_
#define LENSLET_LAYERS_POOL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

// [H, W, C] -> [H', W', C] in two dimensions.
class Pool : public Layer {
 public:
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;

 private:
  // For inputs of that shape. Errors: InvalidArgument for an image of other
  // dimensions than the layer's.
  virtual absl::StatusOr<PoolSpec> SpecFor(const Shape& image) const = 0;
};

struct PoolOptions {
  Axes kernel = {};    // {rows, columns} in two dimensions.
  Axes stride = {};    // Empty: the kernel.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  // Of averages: whether they divide by the kernel's size where part of it lies
  // on padding.
  bool count_padding = true;
  Rounding rounding = Rounding::kFloor;  // Of the output's size.
  double temperature = 1;                // Of softmaxes; above 0.
};

// With a window of a fixed size.
class WindowPool : public Pool {
 public:
  absl::string_view type() const override;
  std::string Details() const override;
  std::optional<PoolSpec> pool() const override;

 protected:
  WindowPool(PoolKind kind, int rank, const PoolOptions& options)
      : kind_(kind), rank_(rank), options_(options) {}

 private:
  PoolSpec Spec() const;
  absl::StatusOr<PoolSpec> SpecFor(const Shape& image) const override;

  const PoolKind kind_;
  const int rank_;  // Spatial dimensions, 1 to 3.
  const PoolOptions options_;
};

template <PoolKind kKind, int kRank>
class WindowPoolOf : public WindowPool {
 public:
  explicit WindowPoolOf(const PoolOptions& options)
      : WindowPool(kKind, kRank, options) {}
};

using MaxPool1d = WindowPoolOf<PoolKind::kMax, 1>;
using MaxPool2d = WindowPoolOf<PoolKind::kMax, 2>;
using MaxPool3d = WindowPoolOf<PoolKind::kMax, 3>;
using AvgPool1d = WindowPoolOf<PoolKind::kAverage, 1>;
using AvgPool2d = WindowPoolOf<PoolKind::kAverage, 2>;
using AvgPool3d = WindowPoolOf<PoolKind::kAverage, 3>;
using MinPool1d = WindowPoolOf<PoolKind::kMin, 1>;
using MinPool2d = WindowPoolOf<PoolKind::kMin, 2>;
using MinPool3d = WindowPoolOf<PoolKind::kMin, 3>;
using SoftmaxPool1d = WindowPoolOf<PoolKind::kSoftmax, 1>;
using SoftmaxPool2d = WindowPoolOf<PoolKind::kSoftmax, 2>;
using SoftmaxPool3d = WindowPoolOf<PoolKind::kSoftmax, 3>;

// With windows that make an output of a given size, of inputs with 1 to 3
// spatial dimensions.
class AdaptivePool : public Pool {
 public:
  absl::string_view type() const override { return type_; }

 protected:
  // `output` has one size for each of the input's spatial dimensions, or one
  // for all of them.
  AdaptivePool(absl::string_view type, PoolKind kind, const Axes& output)
      : type_(type), kind_(kind), output_(output) {}

 private:
  absl::StatusOr<PoolSpec> SpecFor(const Shape& image) const override;

  const absl::string_view type_;
  const PoolKind kind_;
  const Axes output_;
};

class AdaptiveMaxPool : public AdaptivePool {
 public:
  explicit AdaptiveMaxPool(const Axes& output)
      : AdaptivePool("AdaptiveMaxPool", PoolKind::kMax, output) {}
};

class AdaptiveAvgPool : public AdaptivePool {
 public:
  explicit AdaptiveAvgPool(const Axes& output)
      : AdaptivePool("AdaptiveAvgPool", PoolKind::kAverage, output) {}
};

// [H, W, C] -> [1, 1, C] in two dimensions.
class GlobalMaxPool : public AdaptivePool {
 public:
  GlobalMaxPool() : AdaptivePool("GlobalMaxPool", PoolKind::kMax, {1}) {}
};

class GlobalAvgPool : public AdaptivePool {
 public:
  GlobalAvgPool() : AdaptivePool("GlobalAvgPool", PoolKind::kAverage, {1}) {}
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_POOL_H_
