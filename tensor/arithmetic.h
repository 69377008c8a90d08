// Arithmetic on tensors of floats, as the book writes it.
//
//   const Tensor error = y_hat - y;
//   kernel -= 0.03f * gradient;
//   const float loss = Sum(Square(error));
//
// In the target //tensor. For programs to learn from: each operation allocates
// its result. Mistakes abort with a message that names both shapes: shapes that
// differ, and elements that are not floats. There is no broadcasting.

#ifndef LENSLET_TENSOR_ARITHMETIC_H_
#define LENSLET_TENSOR_ARITHMETIC_H_

#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Element by element: y[i] = a[i] + b[i]. The shapes must be equal.
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);

// With a number in place of each element of the other tensor.
Tensor operator+(const Tensor& a, float b);
Tensor operator-(const Tensor& a, float b);
Tensor operator*(const Tensor& a, float b);
Tensor operator/(const Tensor& a, float b);
Tensor operator+(float a, const Tensor& b);
Tensor operator-(float a, const Tensor& b);
Tensor operator*(float a, const Tensor& b);
Tensor operator/(float a, const Tensor& b);

// In place. Return `a`.
Tensor& operator+=(Tensor& a, const Tensor& b);
Tensor& operator-=(Tensor& a, const Tensor& b);
Tensor& operator*=(Tensor& a, const Tensor& b);
Tensor& operator/=(Tensor& a, const Tensor& b);
Tensor& operator+=(Tensor& a, float b);
Tensor& operator-=(Tensor& a, float b);
Tensor& operator*=(Tensor& a, float b);
Tensor& operator/=(Tensor& a, float b);

// Element by element: -x[i], |x[i]|, x[i]^2, e^x[i], and the natural logarithm.
Tensor operator-(const Tensor& x);
Tensor Abs(const Tensor& x);
Tensor Square(const Tensor& x);
Tensor Exp(const Tensor& x);
Tensor Log(const Tensor& x);

// Of all elements. Sums are in double. Sum() of no elements is 0; the others
// abort without elements. Max() and Min() are NaN if an element is.
float Sum(const Tensor& x);
float Mean(const Tensor& x);
float Max(const Tensor& x);
float Min(const Tensor& x);

// The product of a [M, K] and b [K, N], of shape [M, N]. Sums are in double.
//   y[i, j] = sum over k of a[i, k] b[k, j]
Tensor MatMul(const Tensor& a, const Tensor& b);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_ARITHMETIC_H_
