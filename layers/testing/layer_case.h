// Puts a layer's kernels through the checks of ops/testing/kernel_checks.h. For
// a custom layer (layers/custom_layer.h):
//
//   KernelCase c = LayerCase(layers::Custom(std::make_shared<Square>()), {5,
//   3}); c.third_derivative = 0;  // Of the square. CheckOnAllBackends(c);

#ifndef LENSLET_LAYERS_TESTING_LAYER_CASE_H_
#define LENSLET_LAYERS_TESTING_LAYER_CASE_H_

#include <cstdint>
#include <vector>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The layer's kernel with what Infer() says for inputs of these shapes, in
// blocks of two images; `terms` as in KernelCase. Ends the test with Infer()'s
// error if there is one.
KernelCase LayerCaseOfInputs(const Layer& layer,
                             const std::vector<Shape>& inputs,
                             int64_t terms = 1);
// The same for one input.
KernelCase LayerCase(const Layer& layer, const Shape& image, int64_t terms = 1);

// Fails the test if a backend's kernel is not the reference's, or its gradients
// are not those of its forward. The kernels of a custom layer are all the same;
// this shows that they write nothing else, need no particular layout, and can
// be called again.
void CheckOnAllBackends(const KernelCase& c);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_LAYER_CASE_H_
