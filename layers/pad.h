// The padding layer, over 1 to 3 spatial dimensions: ops/pad. It has no
// parameters.

#ifndef LENSLET_LAYERS_PAD_H_
#define LENSLET_LAYERS_PAD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

struct PadOptions {
  PaddingMode mode = PaddingMode::kZero;
  // On each side one number for each of the input's spatial dimensions, one for
  // all of them, or none: 0.
  Padding padding = {};
};

// [H, W, C] -> [before + H + after, before + W + after, C] in two dimensions,
// which are as many as the input has.
class Pad : public Layer {
 public:
  explicit Pad(const PadOptions& options) : options_(options) {}

  absl::string_view type() const override { return "Pad"; }
  std::string Details() const override;
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;

 private:
  absl::StatusOr<PadSpec> Spec(absl::Span<const Shape> inputs) const;

  const PadOptions options_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_PAD_H_
