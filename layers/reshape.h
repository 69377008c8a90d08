// The reshape layer: ops/reshape. It has no parameters and no kernel.

#ifndef LENSLET_LAYERS_RESHAPE_H_
#define LENSLET_LAYERS_RESHAPE_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "lenslet/layers/layer.h"

namespace lenslet::layers {

// Any shape -> `shape`, of as many elements; one size may be -1, for what the
// others leave.
class Reshape : public Layer {
 public:
  explicit Reshape(std::vector<int64_t> shape) : shape_(std::move(shape)) {}

  absl::string_view type() const override { return "Reshape"; }
  bool IsReshape(bool) const override { return true; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  // Always an error: nobody asks a reshape for a kernel.
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;

 private:
  const std::vector<int64_t> shape_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_RESHAPE_H_
