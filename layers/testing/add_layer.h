// A layer with two inputs, for tests of graphs with branches.

#ifndef LENSLET_LAYERS_TESTING_ADD_LAYER_H_
#define LENSLET_LAYERS_TESTING_ADD_LAYER_H_

#include <cstdint>
#include <memory>

#include "layers/layer.h"

namespace lenslet {

// Two inputs of the same shape -> their sum, element by element. No parameters.
// Has a kernel on the reference backend only.
class AddLayer : public Layer {
 public:
  absl::string_view type() const override { return "Add"; }
  // Errors: InvalidArgument.
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_ADD_LAYER_H_
