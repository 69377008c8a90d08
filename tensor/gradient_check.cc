#include "lenslet/tensor/gradient_check.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lenslet/base/random.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

constexpr float kStep = 1.0f / 64;

std::vector<Variable> VariablesOf(const std::vector<Tensor>& values) {
  std::vector<Variable> variables;
  for (const Tensor& value : values) variables.push_back(value);
  return variables;
}

// L, with numbers w that are the same in each call.
Variable WeightedSum(const Variable& y) {
  Tensor w(y.value().shape());
  Random random(/*seed=*/7);
  FillUniform(0.5, 1.5, random, w.span());
  return Sum(w * y);
}

// L with `change` added to an element.
double Changed(const Expression& expression, const std::vector<Tensor>& values,
               size_t variable, int64_t element, float change) {
  std::vector<Variable> variables = VariablesOf(values);
  variables[variable].mutable_value().data()[element] += change;
  return WeightedSum(expression(variables)).value()();
}

}  // namespace

std::vector<std::string> CheckGradients(const Expression& expression,
                                        const std::vector<Tensor>& values,
                                        double tolerance) {
  const std::vector<Variable> variables = VariablesOf(values);
  WeightedSum(expression(variables)).Backward();
  std::vector<std::string> problems;
  for (size_t v = 0; v < values.size(); ++v) {
    for (int64_t e = 0; e < values[v].shape().elements(); ++e) {
      const double gradient = variables[v].gradient().data()[e];
      const double difference = (Changed(expression, values, v, e, kStep) -
                                 Changed(expression, values, v, e, -kStep)) /
                                (2 * kStep);
      if (!(std::abs(gradient - difference) <= tolerance)) {
        problems.push_back(absl::StrCat("variable ", v, ", element ", e,
                                        ": gradient ", gradient,
                                        ", difference ", difference));
      }
    }
  }
  return problems;
}

}  // namespace lenslet
