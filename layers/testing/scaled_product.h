// A custom layer with two inputs and a parameter, for tests.

#ifndef LENSLET_LAYERS_TESTING_SCALED_PRODUCT_H_
#define LENSLET_LAYERS_TESTING_SCALED_PRODUCT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/layers/custom_layer.h"

namespace lenslet {

// y = scale * a * b, with a scale for each channel. All arrays but the scale
// have the same shape.
class ScaledProduct : public CustomOperator {
 public:
  std::string Kind() const override { return "ScaledProduct"; }
  int InputCount() const override { return 2; }

  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override {
    const Shape& a = inputs[0];
    if (a.rank() < 1 || inputs[1] != a) {
      return absl::InvalidArgumentError(
          absl::StrCat("inputs have shapes ", a.ToString(), " and ",
                       inputs[1].ToString(), "; expected the same"));
    }
    return LayerInfo{.output = a,
                     .parameters = {{.name = "scale",
                                     .role = ParameterRole::kScale,
                                     .shape = {a.dim(a.rank() - 1)}}},
                     .cost = {.other_operations = 2 * a.elements()},
                     .reach = Reach::kPosition};
  }

  void Forward(const ForwardBlock& block) const override {
    const View<const float> scale = block.parameters[0];
    for (int64_t i = 0; i < block.output.size(); ++i) {
      block.output[i] =
          scale[i % scale.size()] * block.inputs[0][i] * block.inputs[1][i];
    }
  }

  void Backward(const BackwardBlock& block) const override {
    const View<const float> a = block.inputs[0];
    const View<const float> b = block.inputs[1];
    const View<const float> scale = block.parameters[0];
    const View<const float> dy = block.output_gradient;
    const View<float> da = block.input_gradients[0];
    const View<float> db = block.input_gradients[1];
    const View<float> dscale = block.parameter_gradients[0];
    for (int64_t i = 0; i < dy.size(); ++i) {
      const int64_t channel = i % scale.size();
      if (da.data() != nullptr) da[i] = dy[i] * scale[channel] * b[i];
      if (db.data() != nullptr) db[i] = dy[i] * scale[channel] * a[i];
      if (dscale.data() != nullptr) dscale[channel] += dy[i] * a[i] * b[i];
    }
  }
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_SCALED_PRODUCT_H_
