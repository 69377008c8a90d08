#include "lenslet/layers/testing/network_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

// Checks all gradients of a network against finite differences of its own
// forward. All layers are smooth, or sums and averages.
//
// How far the two may be apart: with a step h, the difference quotient D(h) has
// a truncation error of c h^2 + O(h^4), which (4 D(h / 2) - D(h)) / 3 removes
// but for O(h^4); what it removes, |D(h) - D(h / 2)|, bounds what it leaves.
// The rounding error of the loss goes into D(h) divided by h. It is bounded
// from layer to layer, as the absolute weights and the bias of each output add
// up to kRowSum at most: a layer makes no error more than kRowSum times larger.
class NetworkCheck {
 public:
  static constexpr double kStep = 0.5;
  static constexpr double kRowSum = 3;
  static constexpr int64_t kImages = 2;

  NetworkCheck(const Graph& graph, Backend backend)
      : graph_(graph), parameters_(*Parameters::Create(graph)) {
    FillParameters();
    executor_ = *Executor::Create(graph_, parameters_,
                                  {.backend = backend,
                                   .images = kImages + 1,
                                   .training = true,
                                   .input_gradients = true});
    for (const Graph::Input& input : graph_.inputs()) {
      inputs_.emplace_back(*input.shape.WithOuter(kImages));
      // With a step, at most 1.
      FillUniform(kStep - 1, 1 - kStep, random_, inputs_.back().span());
    }
    const Shape& output = graph_.ShapeOfValue(graph_.output_value());
    output_gradient_ = Tensor(*output.WithOuter(kImages));
    FillUniform(-1, 1, random_, output_gradient_.span());
  }

  void Run() {
    Parameters gradients = *Parameters::Create(graph_);
    Forward();
    std::copy(output_gradient_.span().begin(), output_gradient_.span().end(),
              executor_->output_gradient().span().begin());
    executor_->Backward(kImages, gradients.array());
    // Finite differences run forward only; the inputs' gradients stay.
    for (int i = 0; i < parameters_.size(); ++i) {
      Check(parameters_.info(i).name, gradients.view(i), parameters_.view(i));
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const View<const float> gradient =
          executor_->InputGradient(static_cast<int>(i)).Slice(0, kImages);
      Check(graph_.inputs()[i].name, gradient, inputs_[i].view());
    }
  }

 private:
  // A step away from kRowSum.
  void FillParameters() {
    for (const Graph::Node& node : graph_.nodes()) {
      if (node.parameter_count == 0) continue;
      const View<float> weight = parameters_.view(node.first_parameter);
      const View<float> bias = parameters_.view(node.first_parameter + 1);
      FillUniform(-1, 1, random_, weight.span());
      FillUniform(-1, 1, random_, bias.span());
      const int64_t fan_in = weight.shape().inner_elements();
      for (int64_t o = 0; o < bias.size(); ++o) {
        double sum = std::abs(bias[o]);
        for (int64_t i = 0; i < fan_in; ++i) {
          sum += std::abs(weight[o * fan_in + i]);
        }
        const float scale = static_cast<float>((kRowSum - kStep) / sum);
        bias[o] *= scale;
        for (int64_t i = 0; i < fan_in; ++i) weight[o * fan_in + i] *= scale;
      }
    }
  }

  void Forward() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const absl::Span<const float> x = inputs_[i].span();
      std::copy(x.begin(), x.end(),
                executor_->input(static_cast<int>(i)).span().begin());
    }
    executor_->Forward(kImages);
  }

  double Loss() {
    LENSLET_EXPECT_OK(executor_->ParametersChanged());
    Forward();
    double loss = 0;
    for (int64_t i = 0; i < output_gradient_.shape().elements(); ++i) {
      loss += static_cast<double>(output_gradient_.data()[i]) *
              executor_->output()[i];
    }
    return loss;
  }

  double Quotient(float& value, double step) {
    const float saved = value;
    value = static_cast<float>(saved + step);
    const double above = value;
    const double loss_above = Loss();
    value = static_cast<float>(saved - step);
    const double below = value;
    const double loss_below = Loss();
    value = saved;
    return (loss_above - loss_below) / (above - below);
  }

  // How far the loss may be from that without rounding.
  double LossError() const {
    constexpr double kRoundoff = 0x1p-24;
    // XNNPACK's sigmoid and tanh, as in ops/activation's test.
    constexpr double kFunctionError = 4 * 0x1p-23;
    // Of each value: the largest absolute element, and its error.
    std::vector<double> largest(graph_.inputs().size(), 1.0);
    std::vector<double> error(graph_.inputs().size(), 0.0);
    for (const Graph::Node& node : graph_.nodes()) {
      const std::string type = node.layer.type();
      double size = 0;
      double e = 0;
      for (int input : node.inputs) {
        size = std::max(size, largest[input]);
        e = std::max(e, error[input]);
      }
      if (node.parameter_count > 0) {
        // A float sum of n terms errs by at most n roundings of the sum of
        // their absolute values. The bias is a weight of 1.
        const int64_t fan_in =
            graph_.parameters()[node.first_parameter].info.fan_in;
        size = kRowSum * std::max(size, 1.0);
        e = kRowSum * e + kRoundoff * static_cast<double>(fan_in + 2) * size;
      } else if (type == "Add") {
        const double terms = static_cast<double>(node.inputs.size());
        size *= terms;
        e = terms * e + (terms - 1) * kRoundoff * size;
      } else if (type == "Mul") {
        const int a = node.inputs[0];
        const int b = node.inputs[1];
        size = largest[a] * largest[b];
        e = largest[a] * error[b] + largest[b] * error[a] + kRoundoff * size;
      } else if (type == "GlobalAvgPool") {
        // A sum of all positions, and a factor.
        const Shape& input = graph_.ShapeOfValue(node.inputs[0]);
        const int64_t positions = input.elements() / node.output.elements();
        e += kRoundoff * static_cast<double>(positions + 2) * size;
      } else if (type == "AvgPool2d") {
        e += kRoundoff * 6 * size;  // Four terms, and a factor.
      } else if (type == "Tanh" || type == "Sigmoid") {
        size = 1;
        e = (type == "Tanh" ? e : e / 4) + kFunctionError;
      } else if (type == "Gelu" || type == "Silu") {
        // They are nowhere steeper than 1.13.
        e = 1.13 * e + 2 * kFunctionError * std::max(size, 1.0);
      } else {
        LENSLET_CHECK(type == "Concat" ||
                      node.layer.IsReshape(/*training=*/true));
      }
      largest.push_back(size);
      error.push_back(e);
    }
    double sum = 0;
    for (float dy : output_gradient_.span()) sum += std::abs(dy) * error.back();
    return sum;
  }

  void Check(const std::string& name, View<const float> gradient,
             View<float> values) {
    constexpr int64_t kSamples = 25;
    // Two losses with an error each, over 2 h, in each quotient.
    const double noise =
        LossError() * (4.0 / 3 / (kStep / 2) + 1.0 / 3 / kStep);
    double largest = 0;
    double largest_tolerance = 0;
    for (int64_t sample = 0; sample < std::min(kSamples, values.size());
         ++sample) {
      const int64_t i =
          values.size() <= kSamples ? sample : random_.Below(values.size());
      const double whole = Quotient(values[i], kStep);
      const double half = Quotient(values[i], kStep / 2);
      const double tolerance = std::abs(half - whole) + noise;
      ASSERT_NEAR(gradient[i], (4 * half - whole) / 3, tolerance)
          << name << ", element " << i;
      largest = std::max<double>(largest, std::abs(gradient[i]));
      largest_tolerance = std::max(largest_tolerance, tolerance);
    }
    // A gradient that is lost in the tolerance has not been checked.
    EXPECT_GT(largest, 10 * largest_tolerance) << name;
  }

  Random random_{/*seed=*/3};
  Graph graph_;
  Parameters parameters_;
  std::unique_ptr<Executor> executor_;
  std::vector<Tensor> inputs_;
  Tensor output_gradient_;
};

}  // namespace

void CheckNetworkGradients(const Graph& graph, Backend backend) {
  NetworkCheck(graph, backend).Run();
}

}  // namespace lenslet
