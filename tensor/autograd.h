// Gradients of expressions of tensors: automatic differentiation in reverse.
//
//   Variable w(Tensor({3, 1}));
//   const Variable loss = Mean(Square(MatMul(x, w) - y));  // x, y: tensors.
//   loss.Backward();
//   w.mutable_value() -= 0.1f * w.gradient();
//   std::cout << loss.value()() << "\n";  // t(): the number of a tensor [].
//
// The target is //tensor:autograd; //lenslet does not include it. As on tensors
// (tensor/arithmetic.h), there is no broadcasting: a bias b of shape [1, 1] is
// added to each of n rows by a column of ones,
//
//   MatMul(x, w) + MatMul(Ones({n, 1}), b)     // Ones(): tensor/fill.h.
//
// Missing: sums along an axis, slices and transposes of variables. The
// constructor with a GradientFunction adds other operations.
//
// Each operation computes its value at once and remembers its inputs. Let L be
// the variable on which Backward() is called. Backward() goes from L to the
// variables that it was computed from, each after all those computed from it.
// With the chain rule, each operation y = f(x1, x2, ...) adds to the gradients
// of its inputs:
//
//   dL/dx_k[i] += sum over j of dL/dy[j] dy[j]/dx_k[i]
//
// Sources: "Dive into Deep Learning", section "Automatic Differentiation";
// Baydin et al., "Automatic differentiation in machine learning: a survey",
// 2018.
//
// Written for clarity: every value keeps its own memory, and every variable
// gets a gradient. Executor (layers/executor.h) is what trains networks. Values
// are floats. Mistakes abort with a message, as in tensor/arithmetic.h. Not for
// several threads at a time.

#ifndef LENSLET_TENSOR_AUTOGRAD_H_
#define LENSLET_TENSOR_AUTOGRAD_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns the gradients w.r.t. an operation's inputs, in their order, given
// that w.r.t. its output, dy.
using GradientFunction = std::function<std::vector<Tensor>(const Tensor& dy)>;

// A handle: copies refer to the same value and gradient. Keeps alive all that
// it was computed from.
class Variable {
 public:
  // Implicit, so that tensors can stand in expressions. The first copies the
  // tensor.
  Variable(const Tensor& value);  // NOLINT
  Variable(Tensor&& value);       // NOLINT

  // The result of an operation, for operations that this header lacks:
  //
  //   Variable Square(const Variable& x) {
  //     return Variable(Square(x.value()), {x}, [x](const Tensor& dy) {
  //       return Gradients(2 * x.value() * dy);
  //     });
  //   }
  //
  // `gradients` may hold the inputs, but no other variables.
  Variable(Tensor value, const std::vector<Variable>& inputs,
           GradientFunction gradients);

  const Tensor& value() const;
  // Changes do not reach results that were already computed, but their
  // Backward() would use the new value: first Backward(), then change.
  Tensor& mutable_value();

  // As the last Backward() of a variable computed from this one has set it;
  // before any, zeros.
  const Tensor& gradient() const;

  // Sets the gradient of this variable to 1, and that of each variable from
  // which it was computed to the gradient of this one w.r.t. it. Aborts unless
  // this variable has one element.
  void Backward() const;

 private:
  struct Node;
  std::shared_ptr<Node> node_;
};

// What a GradientFunction returns.
template <typename... Tensors>
std::vector<Tensor> Gradients(Tensors... tensors) {
  std::vector<Tensor> gradients;
  (gradients.push_back(std::move(tensors)), ...);
  return gradients;
}

// As on tensors (tensor/arithmetic.h, tensor/rearrange.h), except Relu().
Variable operator+(const Variable& a, const Variable& b);
Variable operator-(const Variable& a, const Variable& b);
Variable operator*(const Variable& a, const Variable& b);
Variable operator/(const Variable& a, const Variable& b);
Variable operator+(const Variable& a, float b);
Variable operator-(const Variable& a, float b);
Variable operator*(const Variable& a, float b);
Variable operator/(const Variable& a, float b);
Variable operator+(float a, const Variable& b);
Variable operator-(float a, const Variable& b);
Variable operator*(float a, const Variable& b);
Variable operator/(float a, const Variable& b);
Variable operator-(const Variable& x);
Variable Abs(const Variable& x);  // Its gradient at 0 is taken to be 0.
Variable Square(const Variable& x);
Variable Exp(const Variable& x);
Variable Log(const Variable& x);
Variable Relu(const Variable& x);  // max(x, 0), whose gradient at 0 is 0.
Variable MatMul(const Variable& a, const Variable& b);
Variable Reshaped(const Variable& x, const Shape& shape);

// Scalars, of shape []: `Sum(x).value()()` is a number.
Variable Sum(const Variable& x);
Variable Mean(const Variable& x);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_AUTOGRAD_H_
