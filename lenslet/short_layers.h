// The layers that most networks consist of, written short:
//
//   Conv2d(6, 5, {.padding = 2}), Relu(), MaxPool2d(2), Flatten(), Linear(10)
//
// layers/layers.h, which this header includes, has the layers without options,
// such as Relu(), Flatten(), BatchNorm(), Add() and Concat(), and the functions
// below with complete specs. Options are written in the order in which their
// struct declares them, as C++ demands. None of them checks anything: errors
// are reported when the network is built.

#ifndef LENSLET_SHORT_LAYERS_H_
#define LENSLET_SHORT_LAYERS_H_

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "lenslet/layers/layer.h"
#include "lenslet/layers/layers.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

// One number for all spatial dimensions, or one for each, outermost first:
// {rows, columns}.
class Sides {
 public:
  Sides() = default;                 // Unset; OfRank() returns empty Axes.
  Sides(int64_t all) : all_(all) {}  // NOLINT: implicit, for literals.
  // Aborts for more than Axes::kMaxRank numbers.
  Sides(std::initializer_list<int64_t> each) : each_(each) {}

  Axes OfRank(int rank) const {
    return all_ ? Axes::Filled(rank, *all_) : each_;
  }

 private:
  std::optional<int64_t> all_;
  Axes each_;
};

struct ConvOptions {
  Sides stride = 1;
  Sides padding = 0;  // On both sides of each axis.
  Sides dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  PaddingMode padding_mode = PaddingMode::kZero;
};

struct ConvTransposeOptions {
  Sides stride = 1;
  Sides padding = 0;
  Sides dilation = 1;
  Sides output_padding = 0;
  bool bias = true;
};

struct PoolOptions {
  Sides stride = {};  // Default: the kernel.
  Sides padding = 0;  // On both sides of each axis.
  Sides dilation = 1;
  bool count_padding = true;  // Average pooling only.
  bool ceil = false;
};

namespace internal {

inline Window MakeWindow(int rank, const Sides& kernel, Axes stride,
                         const Sides& padding, const Sides& dilation) {
  return {.kernel = kernel.OfRank(rank),
          .stride = stride,
          .dilation = dilation.OfRank(rank),
          .padding = Padding(padding.OfRank(rank), padding.OfRank(rank))};
}

inline Layer Conv(int rank, int64_t output_channels, const Sides& kernel,
                  const ConvOptions& options) {
  return Layer(
      ConvLayer{rank,
                {.output_channels = output_channels,
                 .window = MakeWindow(rank, kernel, options.stride.OfRank(rank),
                                      options.padding, options.dilation),
                 .has_bias = options.bias,
                 .groups = options.groups,
                 .padding_mode = options.padding_mode}});
}

inline Layer ConvTranspose(int rank, int64_t output_channels,
                           const Sides& kernel,
                           const ConvTransposeOptions& options) {
  return Layer(ConvTransposeLayer{
      rank,
      {.output_channels = output_channels,
       .window = MakeWindow(rank, kernel, options.stride.OfRank(rank),
                            options.padding, options.dilation),
       .output_padding = options.output_padding.OfRank(rank),
       .has_bias = options.bias}});
}

inline Layer Pool(PoolKind kind, int rank, const Sides& kernel,
                  const PoolOptions& options) {
  return Pool(kind, rank,
              {.window = MakeWindow(rank, kernel, options.stride.OfRank(rank),
                                    options.padding, options.dilation),
               .count_padding = options.count_padding,
               .rounding = options.ceil ? Rounding::kCeil : Rounding::kFloor});
}

}  // namespace internal

// In two dimensions: [H, W, channels] -> [H', W', output_channels].
inline Layer Conv1d(int64_t output_channels, const Sides& kernel,
                    const ConvOptions& options = {}) {
  return internal::Conv(1, output_channels, kernel, options);
}
inline Layer Conv2d(int64_t output_channels, const Sides& kernel,
                    const ConvOptions& options = {}) {
  return internal::Conv(2, output_channels, kernel, options);
}
inline Layer Conv3d(int64_t output_channels, const Sides& kernel,
                    const ConvOptions& options = {}) {
  return internal::Conv(3, output_channels, kernel, options);
}

// In two dimensions: [H, W, channels] -> [H', W', output_channels].
inline Layer ConvTranspose1d(int64_t output_channels, const Sides& kernel,
                             const ConvTransposeOptions& options = {}) {
  return internal::ConvTranspose(1, output_channels, kernel, options);
}
inline Layer ConvTranspose2d(int64_t output_channels, const Sides& kernel,
                             const ConvTransposeOptions& options = {}) {
  return internal::ConvTranspose(2, output_channels, kernel, options);
}
inline Layer ConvTranspose3d(int64_t output_channels, const Sides& kernel,
                             const ConvTransposeOptions& options = {}) {
  return internal::ConvTranspose(3, output_channels, kernel, options);
}

// In two dimensions: [H, W, C] -> [H', W', C].
inline Layer MaxPool1d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kMax, 1, kernel, options);
}
inline Layer MaxPool2d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kMax, 2, kernel, options);
}
inline Layer MaxPool3d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kMax, 3, kernel, options);
}
inline Layer AvgPool1d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kAverage, 1, kernel, options);
}
inline Layer AvgPool2d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kAverage, 2, kernel, options);
}
inline Layer AvgPool3d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kAverage, 3, kernel, options);
}
inline Layer MinPool1d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kMin, 1, kernel, options);
}
inline Layer MinPool2d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kMin, 2, kernel, options);
}
inline Layer MinPool3d(const Sides& kernel, const PoolOptions& options = {}) {
  return internal::Pool(PoolKind::kMin, 3, kernel, options);
}

// [..., features] -> [..., output_features].
inline Layer Linear(int64_t output_features, bool bias = true) {
  return Layer(
      LinearLayer{{.output_features = output_features, .has_bias = bias}});
}

}  // namespace lenslet::layers

#endif  // LENSLET_SHORT_LAYERS_H_
