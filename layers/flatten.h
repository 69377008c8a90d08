// The flatten layer: ops/reshape. It has no parameters and no kernel.

#ifndef LENSLET_LAYERS_FLATTEN_H_
#define LENSLET_LAYERS_FLATTEN_H_

#include <cstdint>
#include <memory>

#include "lenslet/layers/layer.h"

namespace lenslet::layers {

// Any shape -> [elements].
class Flatten : public Layer {
 public:
  absl::string_view type() const override { return "Flatten"; }
  bool IsReshape(bool) const override { return true; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  // Always an error: nobody asks a reshape for a kernel.
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_FLATTEN_H_
