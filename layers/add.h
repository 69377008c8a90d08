// The addition layer: ops/add. It has no parameters.

#ifndef LENSLET_LAYERS_ADD_H_
#define LENSLET_LAYERS_ADD_H_

#include <cstdint>
#include <memory>

#include "lenslet/layers/layer.h"

namespace lenslet::layers {

// Two or more inputs of one shape -> their sum, of the same shape.
class Add : public Layer {
 public:
  absl::string_view type() const override { return "Add"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_ADD_H_
