// The concatenation layer: ops/concat. It has no parameters.

#ifndef LENSLET_LAYERS_CONCAT_H_
#define LENSLET_LAYERS_CONCAT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/concat/concat.h"

namespace lenslet::layers {

// Two or more inputs, with the same sizes but for one axis -> one of their
// sizes and the sum of those along the axis.
class Concat : public Layer {
 public:
  explicit Concat(const ConcatSpec& spec = {}) : spec_(spec) {}

  absl::string_view type() const override { return "Concat"; }
  std::string Details() const override {
    return spec_.axis ? absl::StrCat("axis ", *spec_.axis) : "";
  }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;

 private:
  const ConcatSpec spec_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_CONCAT_H_
