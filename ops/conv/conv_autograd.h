// Convolution in expressions with gradients (tensor/autograd.h). The values and
// gradients are those of the operator: its kernels compute both.
//
//   Variable kernel(Tensor({1, 1, 2, 1}));
//   Sum(Square(Conv2d(x, kernel) - y)).Backward();

#ifndef LENSLET_OPS_CONV_CONV_AUTOGRAD_H_
#define LENSLET_OPS_CONV_CONV_AUTOGRAD_H_

#include "lenslet/ops/conv/conv.h"
#include "lenslet/tensor/autograd.h"

namespace lenslet {

// As on tensors (conv.h): x [N, H, W, Cin], filter [Cout, Kh, Kw, Cin /
// groups], bias [Cout]; returns [N, H', W', Cout]. Aborts, with its message,
// where that function returns an error; Backward() does so for a backend
// without gradients.
Variable Conv2d(const Variable& x, const Variable& filter, const Variable& bias,
                const ConvOptions& options = {});
Variable Conv2d(const Variable& x, const Variable& filter,
                const ConvOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_AUTOGRAD_H_
