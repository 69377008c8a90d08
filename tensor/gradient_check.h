// Compares the gradients of an expression with differences of its values.

#ifndef LENSLET_TENSOR_GRADIENT_CHECK_H_
#define LENSLET_TENSOR_GRADIENT_CHECK_H_

#include <functional>
#include <string>
#include <vector>

#include "lenslet/tensor/autograd.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// An expression of variables.
using Expression = std::function<Variable(const std::vector<Variable>&)>;

// Checks the gradients of L = sum over i of w[i] y[i], where y is the
// expression of variables with these values and w are numbers in [0.5, 1.5]
// that differ. For each element e of each variable,
//
//   |dL/de - (L(e + h) - L(e - h)) / 2h| <= tolerance, with h = 1/64
//
// Returns a line for each element for which this is false:
// "variable 0, element 3: gradient 1, difference 2".
std::vector<std::string> CheckGradients(const Expression& expression,
                                        const std::vector<Tensor>& values,
                                        double tolerance);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_GRADIENT_CHECK_H_
