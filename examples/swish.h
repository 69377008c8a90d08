// A layer that Lenslet does not have, defined by the program that uses it.

#ifndef LENSLET_EXAMPLES_SWISH_H_
#define LENSLET_EXAMPLES_SWISH_H_

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/lenslet.h"

// y = x * s with s = 1 / (1 + exp(-beta * x)). Each channel learns its beta,
// which starts at 1. With a large one, this is nearly a rectifier.
//
//   dx = dy * (s + beta * x * s * (1 - s))
//   dbeta = sum of dy * x^2 * s * (1 - s) over the channel's elements
//
// Source: Ramachandran, Zoph and Le, "Searching for activation functions",
// 2017.
class SwishOperator : public lenslet::CustomOperator {
 public:
  std::string Kind() const override { return "Swish"; }

  // Any shape [..., channels] -> the same shape.
  absl::StatusOr<lenslet::LayerInfo> Infer(
      absl::Span<const lenslet::Shape> inputs) const override {
    const lenslet::Shape& image = inputs[0];
    if (image.rank() < 1) {
      return absl::InvalidArgumentError(
          "input has shape []; expected [..., channels]");
    }
    return lenslet::LayerInfo{
        .output = image,
        .parameters = {{.name = "beta",
                        .role = lenslet::ParameterRole::kScale,
                        .shape = {image.dim(image.rank() - 1)}}},
        .cost = {.other_operations = 4 * image.elements()},
        .reach = lenslet::Reach::kPosition};
  }

  void Forward(const lenslet::ForwardBlock& block) const override {
    const lenslet::View<const float> x = block.inputs[0];
    const lenslet::View<const float> beta = block.parameters[0];
    for (int64_t i = 0; i < x.size(); ++i) {
      block.output[i] = x[i] * Sigmoid(beta[i % beta.size()] * x[i]);
    }
  }

  void Backward(const lenslet::BackwardBlock& block) const override {
    const lenslet::View<const float> x = block.inputs[0];
    const lenslet::View<const float> beta = block.parameters[0];
    const lenslet::View<const float> dy = block.output_gradient;
    const lenslet::View<float> dx = block.input_gradients[0];
    const lenslet::View<float> dbeta = block.parameter_gradients[0];
    for (int64_t i = 0; i < x.size(); ++i) {
      const int64_t channel = i % beta.size();
      const float s = Sigmoid(beta[channel] * x[i]);
      const float slope = x[i] * s * (1 - s);
      if (dx.data() != nullptr) dx[i] = dy[i] * (s + beta[channel] * slope);
      if (dbeta.data() != nullptr) dbeta[channel] += dy[i] * x[i] * slope;
    }
  }

 private:
  static float Sigmoid(float x) { return 1 / (1 + std::exp(-x)); }
};

inline lenslet::Layer Swish() {
  return lenslet::layers::Custom(std::make_shared<SwishOperator>());
}

#endif  // LENSLET_EXAMPLES_SWISH_H_
