// Puts a layer's kernels through the checks of ops/testing/kernel_checks.h.

#ifndef LENSLET_LAYERS_TESTING_LAYER_CASE_H_
#define LENSLET_LAYERS_TESTING_LAYER_CASE_H_

#include <cstdint>
#include <vector>

#include "lenslet/layers/layer.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The layer's kernel with what Infer() says for inputs of these shapes, in
// blocks of two images; `terms` as in KernelCase. Aborts if Infer() returns an
// error.
KernelCase LayerCaseOfInputs(const Layer& layer,
                             const std::vector<Shape>& inputs,
                             int64_t terms = 1);
// The same for one input.
KernelCase LayerCase(const Layer& layer, const Shape& image, int64_t terms = 1);

// Fails the test if a backend's kernel is not the reference's, or its gradients
// are not those of its forward.
void CheckOnAllBackends(const KernelCase& c);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_LAYER_CASE_H_
